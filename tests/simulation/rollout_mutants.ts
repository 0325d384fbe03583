/**
 * Deliberate bugs in updates, their way back, and moves for balance.
 * @module
 */
import type { Mutant } from "./mutants.ts";

export const ROLLOUT_MUTANTS: readonly Mutant[] = [
  {
    name: "more are begun beside than the surge allows",
    file: "lib/plan/rollout.ts",
    find: "let besideLeft = budget.surge - besideNow(draft, service);",
    replace: "let besideLeft = budget.surge;",
    seedsMax: 10,
  },
  {
    name: "more may be missing than max_unavailable says",
    file: "lib/plan/rollout.ts",
    find: "let missingLeft = budget.unavailable - unavailable;",
    replace: "let missingLeft = budget.unavailable - unavailable + 2;",
    seedsMax: 10,
  },
  {
    name: "a restart goes as fast as an update may",
    file: "lib/plan/progress.ts",
    find: 'if (service.rollout?.record.cause !== "restart") return budget;',
    replace: "if (service.rollout !== undefined) return budget;",
    seedsMax: 10,
  },
  {
    name: "a successor takes over before min_healthy",
    file: "lib/plan/succession.ts",
    find: "if (atMs <= draft.nowMs) return true;",
    replace: "if (atMs <= draft.nowMs + 1e9) return true;",
    seedsMax: 10,
  },
  {
    name: "what is merely tried takes over",
    file: "lib/plan/succession.ts",
    find: 'if (rollout.phase === "canary") return false;',
    replace: 'if (rollout.phase === "failed") return false;',
    seedsMax: 10,
  },
  {
    name: "all empty slots are filled with what is tried",
    file: "lib/plan/progress.ts",
    find: "return () => (left -= 1) >= 0 ? generation : from;",
    replace: "return () => (left -= 0) >= 0 ? generation : from;",
    seedsMax: 20,
  },
  {
    name: "promotion without being asked",
    file: "lib/plan/rollout.ts",
    find: "if (spec.update.auto_promote) {",
    replace: "if (spec.update.min_healthy) {",
    seedsMax: 10,
  },
  {
    name: "a green set gets requests before it is promoted",
    file: "lib/cluster/endpoint.ts",
    find: 'if (phase === "canary") return ({ record: own }) => isHeldBack(state, service, own);',
    replace: 'if (phase === "canary") return ({ record: own }) => isHeldBack(state, service, own) && own.slot > 1e9;',
    seedsMax: 10,
  },
  {
    name: "what goes anyway is not counted among what is missing",
    file: "lib/plan/progress.ts",
    find: "!draft.ending.has(replica.record.id) && isAvailable(draft, service, replica);",
    replace: "!draft.ending.has(replica.record.service) && isAvailable(draft, service, replica);",
    seedsMax: 30,
  },
  {
    name: "blue and green get requests at once",
    file: "lib/cluster/endpoint.ts",
    find: "return (replica) => isGreenThere && !isGreen(replica);",
    replace: "return (replica) => !isGreenThere && !isGreen(replica);",
    seedsMax: 10,
  },
  {
    name: "what ends gets requests",
    file: "lib/cluster/replica.ts",
    find: 'return replica.record.draining && active ? "draining" : phase;',
    replace: 'return active ? phase : "draining";',
    seedsMax: 10,
  },
  {
    name: "a failed release is rolled back to the first generation that is kept",
    file: "lib/controller/loop/rollout_step.ts",
    find: "const former = generationOf(service.record, action.to);",
    replace: "const former = service.record.history[0];",
    seedsMax: 10,
  },
  {
    name: "a failed release is never noticed",
    file: "lib/plan/rollout_failure.ts",
    find: "if (failure === undefined) return false;",
    replace: "if (failure === undefined || draft.nowMs > 0) return false;",
    seedsMax: 10,
  },
  {
    name: "a failed release is not rolled back",
    file: "lib/plan/rollout_failure.ts",
    find: 'if (record.cause === "release" && spec.update.auto_rollback &&',
    replace: 'if (record.cause === "restart" && spec.update.auto_rollback &&',
    seedsMax: 10,
  },
  {
    name: "a paused rollout goes on",
    file: "lib/plan/rollout.ts",
    find: "if (isUnderWay(service.rollout) && rollout.paused) {",
    replace: "if (isUnderWay(service.rollout) && rollout.paused && outdated.length > 1e9) {",
    seedsMax: 10,
  },
  {
    name: "a rollout is done before all are well",
    file: "lib/plan/rollout.ts",
    find: "if (isLeft || unavailableSlots(draft, service) > 0) return;",
    replace: "if (isLeft) return;",
    seedsMax: 10,
  },
  {
    name: "moves for balance without a gain",
    file: "lib/plan/balance_move.ts",
    find: "if (byNode >= 2) {",
    replace: "if (byNode >= 0) {",
    seedsMax: 10,
  },
  {
    name: "what has just come is moved for balance",
    file: "lib/plan/balance_move.ts",
    find: "const replica = movable.get(from.node)?.findLast(({ sinceMs }) => sinceMs <= scope.sinceMaxMs);",
    replace: "const replica = movable.get(from.node)?.findLast(({ sinceMs }) => sinceMs <= scope.sinceMaxMs + 1e9);",
    seedsMax: 10,
  },
];
