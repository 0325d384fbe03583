/**
 * Nodes, services, assignments and observations for tests of the core, short to write. Ids follow from small numbers,
 * so that a failing test reads the same each time.
 * @module
 */
import type { AdoptedInstance, InstanceRecord } from "../../lib/agent/session/effect.ts";
import type { NodeRecord } from "../../lib/cluster/node.ts";
import type { AssignmentRecord, Observation } from "../../lib/cluster/replica.ts";
import { ServiceSpec } from "../../lib/cluster/service.ts";
import { firstGeneration, type ServiceRecord } from "../../lib/cluster/service_record.ts";
import type { z } from "zod";

export const CLUSTER = "00000000-0000-4000-8000-0000000000cc";
/** The time of day at which virtual time is 0. */
const START_OF_TIME = Date.UTC(2030, 0, 1);

export type SpecFields = Partial<z.input<typeof ServiceSpec>>;

/** The id of the nth thing of its kind. */
export function idOf(kind: "node" | "replica" | "agent", n: number): string {
  const digit = { node: "a", replica: "b", agent: "c" }[kind];
  return `${digit.repeat(8)}-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

export function wallAt(nowMs: number): string {
  return new Date(START_OF_TIME + nowMs).toISOString();
}

/** The nth node, called `n1` and so on, with room for 4 cores and 4 GiB. */
export function node(n: number, fields: Partial<NodeRecord> = {}): NodeRecord {
  return {
    type: "node",
    id: idOf("node", n),
    identity: idOf("agent", n),
    name: `n${n}`,
    url: `http://n${n}:9090`,
    labels: {},
    given_labels: {},
    capacity: { cpu: 4, memory: 4_096 },
    system: null,
    draining: false,
    drain: null,
    lost: false,
    losses: 0,
    ...fields,
  };
}

export function specNamed(name: string, fields: SpecFields = {}): ServiceSpec {
  return ServiceSpec.parse({ name, command: [name], health: { http: "/" }, ...fields });
}

/** A service with as many replicas wanted as `desired` says. */
export function service(name: string, desired: number, fields: SpecFields = {}): ServiceRecord {
  const spec = specNamed(name, fields);
  return { ...firstGeneration(spec), desired };
}

/** The nth replica, which is slot n - 1 of `web` on the first node unless the fields say otherwise. */
export function assignment(n: number, fields: Partial<AssignmentRecord> = {}): AssignmentRecord {
  return {
    type: "assignment",
    id: idOf("replica", n),
    service: "web",
    slot: n - 1,
    generation: 1,
    node: idOf("node", 1),
    fence: n,
    restart_seq: 0,
    draining: false,
    successor_of: null,
    crashes_before: 0,
    reason: "0 of 1 placed",
    ...fields,
  };
}

/** What an agent says of a replica that runs and is ready. */
export function observation(of: AssignmentRecord, fields: Partial<Observation> = {}): Observation {
  return {
    replica: of.id,
    service: of.service,
    slot: of.slot,
    instance: `instance of ${of.id}`,
    phase: "running",
    ready: true,
    pid: 4_711,
    port: 20_000 + of.slot,
    ports: {},
    started_at: wallAt(0),
    restarts: 0,
    crashes: 0,
    exit: null,
    reason: "",
    last_words: [],
    ...fields,
  };
}

/** What an agent says of a replica that has crashed so often and waits for its next start. */
export function crashed(of: AssignmentRecord, crashes: number): Observation {
  const exit = { code: 1, signal: null, at: wallAt(0) };
  return observation(of, { phase: "exited", ready: false, pid: null, port: null, crashes, exit, reason: "exited" });
}

/** What an agent remembers of the process of the nth replica, which was started 100 s before an agent's test begins. */
export function instanceRecord(n: number, fields: Partial<InstanceRecord> = {}): InstanceRecord {
  const { id, service, slot } = assignment(n);
  return {
    instance: idOf("agent", 100 + n),
    replica: id,
    service,
    slot,
    port: 20_000 + n,
    ports: {},
    startedAt: wallAt(900_000),
    restarts: 0,
    crashAgesMs: [],
    restartSeq: 0,
    ...fields,
  };
}

/** The same, found alive. */
export const adoptedOf = (n: number, fields: Partial<InstanceRecord> = {}): AdoptedInstance => ({
  ...instanceRecord(n, fields),
  pid: 40 + n,
});
