/**
 * What there is to say of a route: its entry in the contract, with each answer that it may give when all is well, the
 * rehearsal's among them, and the headers that it looks at.
 * @module
 */
import * as z from "zod";
import { type CallName, CALLS, type Method } from "../../../wire/contract/calls.ts";
import { CONTRACT } from "../../../wire/contract/contract.ts";
import type { Operation } from "../../../wire/contract/operation.ts";
import { rehearsalOf } from "../../../wire/contract/rehearsal.ts";
import type { Route } from "../context.ts";

const JSON_MEDIA_TYPE = "application/json";

/** One way in which an operation is answered. */
export interface OneAnswer {
  status: number;
  media: string;
  /** Undefined where there is nothing to parse. */
  schema: z.ZodType | undefined;
  isRehearsal: boolean;
}

export interface Described {
  name: CallName;
  method: Method;
  path: string;
  operation: Operation;
  needs: NonNullable<Operation["needs"]>;
  /** What its body may be. */
  taken: z.ZodType[];
  answers: OneAnswer[];
  /** The headers of a request that matter. */
  headers: string[];
}

/** Undefined for a route that is for browsers. */
export function describedBy({ operation: name, method, refuses = [] }: Route): Described | undefined {
  if (name === undefined) return undefined;
  const operation: Operation = CONTRACT[name];
  const needs = operation.needs ?? (method === "GET" ? "viewer" : "operator");
  const { body } = operation;
  // What a viewer or a stranger may send changes nothing that has a revision.
  const writes = method !== "GET" && needs !== "viewer" && needs !== "open";
  const headers = ["If-Match", "If-None-Match", "Idempotency-Key"].filter((header) =>
    writes && !refuses.some((refused) => refused === header.toLowerCase())
  );
  return {
    name,
    method,
    path: CALLS[name][1],
    operation,
    needs,
    taken: body === undefined ? [] : [body.schema, ...(body.instead === undefined ? [] : [body.instead])],
    answers: answersOf(operation),
    headers: operation.answer.events === undefined ? headers : ["Last-Event-ID"],
  };
}

function answersOf(operation: Operation): OneAnswer[] {
  const { answer } = operation;
  const { status: statuses = [200], media, schema, events } = answer;
  const usual = media ?? JSON_MEDIA_TYPE;
  const isJson = usual === JSON_MEDIA_TYPE;
  const isAbbreviated = isJson && answer.once !== undefined;
  const known = isAbbreviated && schema instanceof z.ZodObject ? withoutOnce(schema, answer.once ?? []) : schema;
  const answers = statuses.map((status): OneAnswer => ({ status, media: usual, schema: known, isRehearsal: false }));
  if (events !== undefined) {
    answers.push({ status: 200, media: "text/event-stream", schema: events, isRehearsal: false });
  }
  const rehearsed = rehearsalOf(operation);
  if (rehearsed !== undefined) answers.push({ status: 200, media: usual, schema: rehearsed, isRehearsal: true });
  return answers;
}

/** What is shown once is missing when an answer is given again. */
function withoutOnce(schema: z.ZodObject, once: readonly string[]): z.ZodType {
  const fields = Object.entries(schema.shape);
  return z.object(
    Object.fromEntries(fields.map(([name, field]) => [name, once.includes(name) ? z.optional(field) : field])),
  );
}
