/**
 * Deliberate bugs: replacements of texts in the program, each of which the simulator has to notice within a stated
 * number of seeds. They show that the invariants bite; `mutants_main` plays them.
 * @module
 */

import { ISOLATION_MUTANTS } from "./isolation_mutants.ts";
import { ROLLOUT_MUTANTS } from "./rollout_mutants.ts";

export interface Mutant {
  /** What is wrong then. */
  name: string;
  file: string;
  /** A text that is in the file once. */
  find: string;
  replace: string;
  seedsMax: number;
}

export const MUTANTS: readonly Mutant[] = [
  ...ROLLOUT_MUTANTS,
  ...ISOLATION_MUTANTS,
  {
    name: "an agent follows orders of a smaller epoch",
    file: "lib/agent/session/orders_refused.ts",
    find: "orders.epoch < epoch || (orders.epoch === epoch && orders.revision < revision)",
    replace: "orders.epoch === epoch && orders.revision < revision",
    seedsMax: 10,
  },
  {
    name: "an agent follows a smaller revision of the same epoch",
    file: "lib/agent/session/orders_refused.ts",
    find: "orders.epoch < epoch || (orders.epoch === epoch && orders.revision < revision)",
    replace: "orders.epoch < epoch",
    seedsMax: 10,
  },
  {
    name: "a process is known by its pid alone",
    file: "lib/agent/process/ownership.ts",
    find: "return facts !== undefined && facts.startedAt === noted.startedAt;",
    replace: "return facts !== undefined && noted.pid === facts.pid;",
    seedsMax: 10,
  },
  {
    name: "what a restarted agent finds is started anew before the first orders",
    file: "lib/agent/session/inheritance.ts",
    find:
      'return { kind: "up", instance: { id, pid, port, ports, startedMs, startedAt, readiness, roles: NO_ROLES } };',
    replace: "const instance = { id, pid, port, ports, startedMs, startedAt, readiness, roles: NO_ROLES };\n" +
      '  return { kind: "draining", instance, deadlineMs: start.nowMs, then: "restart" };',
    seedsMax: 3,
  },
  {
    name: "replicas are started after a reboot before the first orders",
    file: "lib/agent/session/session.ts",
    find: "this.#mayStart = !start.rebooted;",
    replace: "this.#mayStart = true;",
    seedsMax: 3,
  },
  {
    name: "a crashed replica is always restarted at once",
    file: "lib/cluster/backoff.ts",
    find: "if (crashes <= 1) return 0;",
    replace: "if (crashes <= 1e9) return 0;",
    seedsMax: 3,
  },
  {
    name: "plans are committed whatever was written since",
    file: "lib/controller/loop/transaction.ts",
    find: "expectedRevision: state.revision,",
    replace: "expectedRevision: undefined as unknown as number,",
    seedsMax: 20,
  },
  {
    name: "a node is lost after one lost probe",
    file: "lib/cluster/apply.ts",
    find: "if (node.missed >= misses && atMs - node.heardMs >= lostAfterMs) {",
    replace: "if (node.missed >= 1 && misses > 0 && lostAfterMs > 0) {",
    seedsMax: 20,
  },
  {
    name: "replicas are moved though most nodes went away together",
    file: "lib/cluster/mass_loss.ts",
    find: "massLoss.active = together > 1 && together * 2 > turn.readyLeft + together;",
    replace: "massLoss.active = together > turn.readyLeft + together;",
    seedsMax: 3,
  },
  {
    name: "a successor takes over before it is ready",
    file: "lib/plan/succession.ts",
    find: "const isReadyNow = isReady(replica, node);",
    replace: "const isReadyNow = replica.record !== undefined;",
    seedsMax: 3,
  },
  {
    name: "surplus replicas are never stopped",
    file: "lib/plan/replica.ts",
    find: "if (record.slot >= service.record.desired) {",
    replace: "if (record.slot >= service.record.desired + 1_000) {",
    seedsMax: 3,
  },
  {
    name: "a replica that has ended stays in the store",
    file: "lib/plan/isolation.ts",
    find: 'if (observed?.phase !== "exited") return false;',
    replace: 'if (observed?.phase !== "pending") return false;',
    seedsMax: 3,
  },
  {
    name: "the fence does not grow",
    file: "lib/controller/loop/transaction.ts",
    find: "fence: state.revision + 1,",
    replace: "fence: 1,",
    seedsMax: 1,
  },
  {
    name: "it is decided before every node has been heard",
    file: "lib/plan/plan.ts",
    find: "if (isRecovering(state, nowMs)) return",
    replace: "if (isRecovering(state, nowMs) && nowMs < 0) return",
    seedsMax: 3,
  },
  {
    name: "what waits for the disk is done before it",
    file: "lib/agent/session/session.ts",
    find: 'this.#effects.push({ kind: "remember", memory: this.#memory });',
    replace: 'if (this.#memory.epoch < 0) this.#effects.push({ kind: "remember", memory: this.#memory });',
    seedsMax: 20,
  },
  {
    name: "a node that was added anew is told nothing",
    file: "lib/cluster/apply_commit.ts",
    find: "  state.ordersChanged.add(record.id);\n  indexNode(state, {",
    replace: "  indexNode(state, {",
    seedsMax: 10,
  },
];
