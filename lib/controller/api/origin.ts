/**
 * Who changes a service and when, as its history tells it.
 * @module
 */
import type { Origin } from "../../cluster/service_record.ts";
import type { Call } from "./context.ts";

/** The origin of a generation that this call makes. */
export function originOf({ env, var: { api } }: Call): Origin & { at: string } {
  const { who } = env;
  const by = who.kind === "person" ? who.name : who.kind === "node" ? `node ${who.node}` : null;
  return { at: new Date(api.clock.wall()).toISOString(), by, cause: "release" };
}
