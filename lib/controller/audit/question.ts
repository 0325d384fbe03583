/**
 * What is recorded of a call before it is handled: who makes it, from where, and what for. The query is summed up with
 * the body, so that the path is one that can be read and searched for.
 * @module
 */
import type { Call } from "../api/context.ts";
import type { Principal } from "../people/principal.ts";
import type { Question } from "./audited.ts";
import { summaryOf } from "./summary.ts";

export function questionOf(call: Call): Question {
  const { pathname, searchParams } = new URL(call.req.url);
  const { who, from } = call.env;
  const { body, bytes } = call.var;
  return {
    request: call.var.api.random.uuid(),
    who: nameOf(who),
    from,
    method: call.req.method,
    path: pathname,
    what: bytes === undefined ? summaryOf({ query: searchParams, body }) : `${bytes.length} bytes`,
  };
}

/** Who it is, in words. A person's token may be made anew under the same name: its id tells one from the other. */
export function nameOf(who: Principal): string {
  switch (who.kind) {
    case "anyone":
      return "anyone";
    case "node":
      return `node ${who.node}`;
    case "person":
      return who.id === who.name ? who.name : `person ${who.name} (${who.role}, token ${who.id})`;
    default:
      return who satisfies never;
  }
}
