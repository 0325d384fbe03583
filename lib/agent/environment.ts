/**
 * The environment of a replica: what Muster tells it about itself and its place, the service's own variables, and of
 * the agent's environment only what names folders, language and time zone. By MUSTER_NODE_ID and MUSTER_INSTANCE a
 * process is known again as this agent's own.
 * @module
 */
import type { InstanceRecord } from "./effect.ts";
import type { Order } from "../wire/protocol.ts";
import { INSTANCE_VARIABLE, NODE_ID_VARIABLE } from "./platform/platform.ts";

/** The agent's place in the world, as its replicas are told. */
export interface Place {
  nodeId: string;
  /** The name by which the controller knows the node. */
  node: string;
  /** Where other hosts reach this one. */
  address: string;
}

const PASSED_ON = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"];
const PASSED_ON_WINDOWS = ["SystemRoot", "PATHEXT", "TEMP", "USERPROFILE"];
/** For a program run from source: where its modules are cached. */
const PASSED_ON_FROM_SOURCE = ["DENO_DIR"];

/** All that the process of an instance is given. */
export function replicaEnvironment(
  { record, order }: { record: InstanceRecord; order: Order },
  place: Place,
  own: { get(name: string): string | undefined },
): Record<string, string> {
  const { assignment, spec } = order;
  return {
    ...passedOn(own, [...PASSED_ON, ...PASSED_ON_WINDOWS]),
    ...spec.env,
    PORT: String(record.port),
    HOST: "127.0.0.1",
    NODE_ADDRESS: place.address,
    MUSTER_SERVICE: assignment.service,
    MUSTER_REPLICA: assignment.id,
    [INSTANCE_VARIABLE]: record.instance,
    MUSTER_SLOT: String(assignment.slot),
    MUSTER_GENERATION: String(assignment.generation),
    MUSTER_NODE: place.node,
    [NODE_ID_VARIABLE]: place.nodeId,
    MUSTER_FENCE: String(assignment.fence),
  };
}

/** What a program run from source needs beside that. */
export function sourceEnvironment(own: { get(name: string): string | undefined }): Record<string, string> {
  return { ...passedOn(own, PASSED_ON_FROM_SOURCE), DENO_NO_UPDATE_CHECK: "1" };
}

function passedOn(own: { get(name: string): string | undefined }, names: readonly string[]): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of names) {
    const value = own.get(name);
    if (value !== undefined) passed[name] = value;
  }
  return passed;
}
