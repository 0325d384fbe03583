/**
 * The whole API: every operation of `calls.ts` with what it takes and answers. The compiler sees to it that none is left
 * out and none is too many.
 * @module
 */
import type { CallName } from "./calls.ts";
import { ACCESS_OPERATIONS, ARTIFACT_OPERATIONS, CLUSTER_OPERATIONS } from "./cluster.ts";
import { NODE_OPERATIONS } from "./nodes.ts";
import type { Operation } from "./operation.ts";
import { REPLICA_OPERATIONS } from "./replicas.ts";
import { SERVICE_OPERATIONS } from "./services.ts";

export const CONTRACT = {
  ...CLUSTER_OPERATIONS,
  ...SERVICE_OPERATIONS,
  ...NODE_OPERATIONS,
  ...REPLICA_OPERATIONS,
  ...ARTIFACT_OPERATIONS,
  ...ACCESS_OPERATIONS,
} as const satisfies Readonly<Record<CallName, Operation>>;

export type Contract = typeof CONTRACT;
