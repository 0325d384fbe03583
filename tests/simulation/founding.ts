/**
 * What a run begins with: the services and what their programs do, and the nodes.
 * @module
 */
import { type Change, put } from "../../lib/cluster/record.ts";
import { ServiceSpec } from "../../lib/cluster/service.ts";
import { defaultService, firstGeneration } from "../../lib/cluster/service_record.ts";
import { newNode } from "../../lib/controller/node_record.ts";
import { intBetween, type Random } from "../../lib/runtime/random.ts";
import type { Order } from "../../lib/wire/protocol.ts";
import type { Host } from "./host.ts";
import type { Program } from "./process.ts";
import { FAULT_VARIABLE, type FAULTY } from "./releases.ts";

/** How soon a program crashes that does: some at once and again and again, some later. */
const CRASH_AT_ONCE_MS = { min: 10, max: 100 };
const CRASH_LATER_MS = { min: 10, max: 20_000 };

/** Where most hosts are away, the large ones have to make room for themselves; on all hosts there is room for all. */
const LARGE = { cpu: 1, memory: 0 };
const SMALL = { cpu: 0.25, memory: 0 };
/** Most ids come before it. */
const MOSTLY = "d";
/** When a program exits that seemed to be well: after its release has proved itself, or just before. */
const EXIT_LATER_MS = { min: 3_000, max: 25_000 };

export function founding(hosts: readonly Host[], random: Random): Change[] {
  const usual = defaultService();
  const health = { http: "/", interval: "10s", start_period: "20s" };
  const small = ServiceSpec.parse({ ...usual.spec, health, resources: SMALL, priority: 20 });
  const changes: Change[] = [put({ ...usual, desired: 4, spec: small })];
  for (const name of ["slow", "crashy", "stubborn"]) {
    const resources = name === "slow" ? LARGE : {};
    const given = { name, command: [name], replicas: 2, health, stop: { timeout: "5s" }, resources };
    changes.push(put(firstGeneration(ServiceSpec.parse(given))));
  }
  const spec = ServiceSpec.parse({ name: "keeper", command: ["keeper"], replicas: 2, data: { per_slot: true } });
  changes.push(put(firstGeneration(spec)));
  const alone = ServiceSpec.parse({
    name: "only",
    command: ["only"],
    replicas: 2,
    on_isolation: { stop_after: "10s" },
    stop: { timeout: "5s" },
  });
  changes.push(put(firstGeneration(alone)));
  for (const host of hosts) changes.push(put(newNode(random.uuid(), host.url, undefined)));
  return changes;
}

/** What the program of a service does this time. */
export function programOf({ assignment, spec }: Order, { random, calm }: { random: Random; calm: boolean }): Program {
  const { service, id } = assignment;
  const [crashes, atOnce] = [service === "crashy" && random.next() < 0.7, Number.parseInt(id.slice(0, 1), 16) < 5];
  const program: Program = {
    readyAfterMs: service === "slow" ? 8_000 : 50,
    crashAfterMs: undefined,
    endsAfterMs: service === "stubborn" || (service === "only" && atOnce) ? undefined : 100,
  };
  const fault = spec.env[FAULT_VARIABLE];
  if (fault !== undefined) return { ...program, ...faulty(fault, random) };
  // Some exclusive ones crash until they are moved.
  if (!calm && service === "only" && id > MOSTLY) program.crashAfterMs = intBetween(random, CRASH_AT_ONCE_MS);
  if (calm || service !== "crashy") return program;
  if (atOnce) program.crashAfterMs = intBetween(random, CRASH_AT_ONCE_MS);
  else if (crashes) program.crashAfterMs = intBetween(random, CRASH_LATER_MS);
  return program;
}

/** A bad release is so everywhere and for ever: only another release mends it. */
function faulty(fault: string, random: Random): Partial<Program> {
  switch (fault as (typeof FAULTY)[number]) {
    case "crashes":
      return { crashAfterMs: intBetween(random, CRASH_AT_ONCE_MS) };
    case "never ready":
      return { readyAfterMs: Infinity };
    case "exits later":
      return { crashAfterMs: intBetween(random, EXIT_LATER_MS) };
  }
}
