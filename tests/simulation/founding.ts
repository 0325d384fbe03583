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

/** How soon a program crashes that does: some at once and again and again, some later. */
const CRASH_AT_ONCE_MS = { min: 10, max: 100 };
const CRASH_LATER_MS = { min: 10, max: 20_000 };

export function founding(hosts: readonly Host[], random: Random): Change[] {
  const changes: Change[] = [put({ ...defaultService(), desired: 4 })];
  for (const name of ["slow", "crashy", "stubborn"]) {
    const health = { http: "/", interval: "10s", start_period: "60s" };
    const spec = ServiceSpec.parse({ name, command: [name], replicas: 2, health, stop: { timeout: "5s" } });
    changes.push(put(firstGeneration(spec)));
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
export function programOf({ assignment: { service, id } }: Order, { random, calm }: { random: Random; calm: boolean }) {
  const [crashes, atOnce] = [service === "crashy" && random.next() < 0.7, Number.parseInt(id.slice(0, 1), 16) < 5];
  const program: Program = {
    readyAfterMs: service === "slow" ? 8_000 : 50,
    crashAfterMs: undefined,
    endsAfterMs: service === "stubborn" || (service === "only" && atOnce) ? undefined : 100,
  };
  if (calm || service !== "crashy") return program;
  if (atOnce) program.crashAfterMs = intBetween(random, CRASH_AT_ONCE_MS);
  else if (crashes) program.crashAfterMs = intBetween(random, CRASH_LATER_MS);
  return program;
}
