/**
 * What is said of an operation: who may use it, what it takes, and what it answers. The controller checks requests by
 * this very thing, `/openapi.json` is made of it, and clients are typed by it: what is documented is what is validated.
 * @module
 */
import type * as z from "zod";
import type { Role } from "../../cluster/token.ts";
import type { Query } from "./query.ts";

/** The least that an operation asks for; `node` is an agent's own, which an operator may use in its place. */
export type Need = "open" | Role | "node";

/** The chapters of the API page. */
export type Tag = "Cluster" | "Services" | "Nodes" | "Replicas" | "Events" | "Artifacts" | "Access" | "Agents";

/** What a request carries. */
export interface Body<S extends z.ZodType = z.ZodType> {
  schema: S;
  /** A body that would do. */
  example: string;
  /** Unless said, JSON. */
  media?: readonly string[];
  /** It may be left out. */
  optional?: true;
  /** What it may be in its stead. */
  instead?: z.ZodType;
}

/** What comes back when all is well. */
export interface Answer<S extends z.ZodType = z.ZodType> {
  /** Of the whole, or of each line or message of a stream. */
  schema?: S;
  /** Unless said, JSON. */
  media?: string;
  /** Unless said, 200. A rehearsal answers 200. */
  status?: readonly number[];
  /** The same as a stream of events, for whoever accepts `text/event-stream`: what each says. */
  events?: z.ZodType;
  /** Fields that are shown once: a rehearsal lacks them, and an answer that is given again. */
  once?: readonly string[];
  /** What a rehearsal answers, if it isn't the same with `dry_run: true`. */
  rehearsal?: z.ZodType;
}

export interface Operation {
  tag: Tag;
  summary: string;
  /** What else one has to know. */
  details?: string;
  /** Unless said, viewers read and operators write. */
  needs?: Need;
  query?: Query;
  body?: Body;
  answer: Answer;
}
