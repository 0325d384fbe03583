/**
 * Whether the caller of a route may have it: by role, and for tokens that are for some services only by the service. A
 * route that says nothing about services is closed to such tokens.
 * @module
 */
import { notFound } from "../answer.ts";
import type { Call, Route } from "../context.ts";
import { covers, denialOf, isScoped } from "../../people/principal.ts";
import { problem } from "../../../wire/problem.ts";
import { printableLine } from "../../../runtime/sanitize.ts";

/** The refusal of a call that isn't the caller's to make. */
export function denied(call: Call, { method, needs, scope }: Route): Response | undefined {
  const { who } = call.env;
  const denial = denialOf(who, needs ?? (method === "GET" ? "viewer" : "operator"));
  if (denial !== undefined) return forbidden(denial);
  if (needs === "open" || scope === "own" || !isScoped(who)) return undefined;
  if (scope === "named") return outside(call, call.req.param("name") ?? "");
  return forbidden(
    `this is about the whole cluster, and the token "${who.name}" is for ${who.services.join(", ")} only`,
  );
}

/** The refusal of a service that the caller's token isn't for. */
export function outside(call: Call, service: string): Response | undefined {
  const { who } = call.env;
  if (!isScoped(who) || covers(who, service)) return undefined;
  const named = printableLine(service).slice(0, 100);
  return forbidden(`the token "${who.name}" is for ${who.services.join(", ")}, and not for "${named}"`);
}

/** Whether the caller sees that service: lists leave out the others. */
export function sees(call: Call): (service: string) => boolean {
  const { who } = call.env;
  return (service) => covers(who, service);
}

/** There is no such service; the caller is told of those that are theirs. */
export function unknownService(call: Call, name: string): Response {
  const known = [...call.var.api.state.services.keys()].filter(sees(call));
  return notFound("service", { name, known });
}

function forbidden(detail: string): Response {
  return problem({ type: "forbidden", title: "Forbidden", status: 403, detail });
}
