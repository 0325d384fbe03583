/**
 * Deliberate bugs in what keeps exclusive replicas alone, and nodes that come and go from being believed.
 * @module
 */
import type { Mutant } from "./mutants.ts";

export const ISOLATION_MUTANTS: readonly Mutant[] = [
  {
    name: "an agent's contact lasts longer than it does",
    file: "lib/agent/session/isolation.ts",
    find: "contact.nowMs <= known.nowMs)) return;\n    this.#contact = contact;",
    replace: "contact.nowMs <= known.nowMs)) return;\n" +
      "    this.#contact = { ...contact, nowMs: contact.nowMs + 60_000, bootMs: contact.bootMs + 60_000 };",
    seedsMax: 10,
  },
  {
    name: "an acknowledgement of whatever answer counts from now",
    file: "lib/agent/session/contact.ts",
    find: "return sent && ack && { node: ack.node, epoch: ack.epoch, ...sent };",
    replace: "return sent && ack && { node: ack.node, epoch: ack.epoch, ...this.#moment() };",
    seedsMax: 30,
  },
  {
    name: "an exclusive replica is replaced before its stop timeout is over",
    file: "lib/cluster/isolation.ts",
    find: "return (stopAfterMs(spec) ?? 0) + parseDurationMs(spec.stop.timeout) + MARGIN_MS;",
    replace: "return (stopAfterMs(spec) ?? 0) + (spec.stop === undefined ? MARGIN_MS : 0);",
    seedsMax: 10,
  },
  {
    name: "an exclusive replica is replaced at once",
    file: "lib/plan/isolation.ts",
    find: "if (draft.nowMs >= atMs) return false;",
    replace: "if (draft.nowMs >= atMs || goneMs > 0) return false;",
    seedsMax: 10,
  },
  {
    name: "orders are not withheld while the former one is still assigned",
    file: "lib/controller/loop/orders.ts",
    find: "return mates.some((mate) => mate.id !== id && mate.fence < fence);",
    replace: "return mates.some((mate) => mate.id !== id && mate.fence > fence && fence < 0);",
    seedsMax: 200,
  },
  {
    name: "what has ended for now counts as ended for good",
    file: "lib/plan/isolation.ts",
    find: "return observed.final === true || !isExclusive(specOf(service.record, record.generation));",
    replace: "return observed.final !== null || !isExclusive(specOf(service.record, record.generation));",
    seedsMax: 10,
  },
  {
    name: "all exclusive replicas leave a drained node at once",
    file: "lib/plan/replica.ts",
    find: "return unavailableSlots(draft, service) < budgetFor(service).unavailable;",
    replace: "return unavailableSlots(draft, service) < 1e9;",
    seedsMax: 30,
  },
  {
    name: "nodes that come and go are not held down",
    file: "lib/cluster/node.ts",
    find: "return losses < 2 ? 0 : Math.min(HOLD_BASE_MS * 2 ** (losses - 2), HOLD_MAX_MS);",
    replace: "return losses < 2 ? 0 : Math.min(HOLD_BASE_MS * 0 ** (losses - 1), HOLD_MAX_MS);",
    seedsMax: 10,
  },
  {
    name: "another node's agent passes for a node's own",
    file: "lib/controller/loop/node_corrections.ts",
    find: "return identity !== null && identity !== heard && isKnownAgent(state, heard);",
    replace: "return identity !== null && identity === heard && !isKnownAgent(state, heard);",
    seedsMax: 10,
  },
];
