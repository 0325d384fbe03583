/**
 * A route of the API out of its entry in the contract: method, path, parameters, body and who may use it stand there,
 * where clients and the API page read them too. What is added here is how it is answered.
 * @module
 */
import type { z } from "zod";
import { type CallName, CALLS } from "../../wire/contract/calls.ts";
import { CONTRACT, type Contract } from "../../wire/contract/contract.ts";
import type { Operation } from "../../wire/contract/operation.ts";
import { parseBody } from "./body.ts";
import type { Call, Route } from "./context.ts";

type Own = Pick<Route, "scope" | "bodyBytesMax" | "bodyIsStream" | "onRecord" | "refuses" | "handle">;

/** The operations that take JSON. */
type WithBody = {
  [N in CallName]: Contract[N] extends { body: { schema: z.ZodType } } ? N : never;
}[CallName];
type BodyOf<N extends WithBody> = Contract[N] extends { body: { schema: infer S extends z.ZodType } } ? z.output<S>
  : never;

/** The route of an operation. */
export function route(name: CallName, own: Own): Route {
  const [method, path] = CALLS[name];
  const { needs, query }: Operation = CONTRACT[name];
  const inHono = path.replaceAll(/\{(\w+)\}/g, ":$1");
  return {
    method,
    path: inHono,
    operation: name,
    ...(needs !== undefined && { needs }),
    ...(query !== undefined && { query }),
    ...own,
  };
}

/** The body of a call by the schema that the contract names, or the answer that says what is wrong with it. */
export function bodyOf<N extends WithBody>(call: Call, name: N): BodyOf<N> | Response {
  const { schema, example, optional }: Operation["body"] & object = CONTRACT[name].body;
  const text = optional === true && call.var.body.trim() === "" ? "{}" : call.var.body;
  // The schema is this operation's own, which the type of all operations together doesn't say.
  return parseBody(text, { schema, example }) as BodyOf<N> | Response;
}
