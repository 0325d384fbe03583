/**
 * The answer of `GET /v1/explain/{name}`: why something is as it is, in words for people.
 * @module
 */
import * as z from "zod";
import { EventView } from "./api.ts";

/** What can be explained. */
export const ExplainedKind = z.enum(["service", "replica", "node"]);
export type ExplainedKind = z.infer<typeof ExplainedKind>;

export const ExplainView = z.object({
  kind: ExplainedKind,
  name: z.string(),
  /** Of a replica or node. */
  id: z.string().optional(),
  summary: z.string(),
  because: z.array(z.string()),
  placement: z.object({ node: z.string(), since: z.string(), reason: z.string() }).optional(),
  /** For what is not placed: every node with its own reason. */
  nodes: z.array(z.object({ node: z.string(), reason: z.string() })).optional(),
  rollout: z.string().optional(),
  waits: z.array(z.string()),
  /** The last events about it, oldest first. */
  events: z.array(EventView),
});
export type ExplainView = z.infer<typeof ExplainView>;
