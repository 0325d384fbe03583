/**
 * The environment of a replica: what Muster tells it about itself and its place, the service's own variables, and of
 * the agent's environment only what names folders, language and time zone. By MUSTER_NODE_ID and MUSTER_INSTANCE a
 * process is known again as this agent's own.
 * @module
 */
import { keepsData, portVariable } from "../../cluster/surroundings.ts";
import type { Order } from "../../wire/protocol.ts";
import type { InstanceRecord } from "../session/effect.ts";
import { expand } from "./expand.ts";
import { filesFolder, slotFolder } from "./own_folders.ts";
import { INSTANCE_VARIABLE, NODE_ID_VARIABLE } from "../platform/platform.ts";
import { LOOPBACK } from "../ports.ts";

/** The agent's place in the world, as its replicas are told. */
export interface Place {
  nodeId: string;
  /** The name by which the controller knows the node. */
  node: string;
  /** Where other hosts reach this one. */
  address: string;
  /** The agent's data folder. */
  dataFolder: string;
  /** The variables with the addresses of services. */
  addresses: Readonly<Record<string, string>>;
}

const PASSED_ON = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"];
const PASSED_ON_WINDOWS = ["SystemRoot", "PATHEXT", "TEMP", "USERPROFILE"];
/** For a program run from source: where its modules are cached. */
const PASSED_ON_FROM_SOURCE = ["DENO_DIR"];

export type MadeEnvironment =
  | { kind: "made"; env: Record<string, string> }
  | { kind: "refused"; reason: string };

/** All that the process of an instance is given. A variable of the service's own sees those that are written before it. */
export function replicaEnvironment(
  { record, order }: { record: InstanceRecord; order: Order },
  place: Place,
  own: { get(name: string): string | undefined },
): MadeEnvironment {
  const told = toldByMuster({ record, order }, place);
  const env = passedOn(own, [...PASSED_ON, ...PASSED_ON_WINDOWS]);
  for (const [name, value] of Object.entries(order.spec.env)) {
    const expansion = expand(value, { ...env, ...told });
    if (expansion.kind === "refused") {
      const hint = "a variable sees those of Muster and those written before it";
      return { kind: "refused", reason: `Cannot make the variable ${name}: ${expansion.reason}; ${hint}` };
    }
    env[name] = expansion.text;
  }
  return { kind: "made", env: { ...env, ...told } };
}

function toldByMuster(
  { record, order }: { record: InstanceRecord; order: Order },
  { nodeId, node, address, dataFolder, addresses }: Place,
): Record<string, string> {
  const { assignment, spec } = order;
  const ports = Object.entries(record.ports).map(([name, port]) => [portVariable(name), String(port)]);
  return {
    PORT: String(record.port),
    HOST: LOOPBACK,
    ...Object.fromEntries(ports),
    NODE_ADDRESS: address,
    ...addresses,
    MUSTER_SERVICE: assignment.service,
    MUSTER_REPLICA: assignment.id,
    [INSTANCE_VARIABLE]: record.instance,
    MUSTER_SLOT: String(assignment.slot),
    MUSTER_GENERATION: String(assignment.generation),
    MUSTER_NODE: node,
    [NODE_ID_VARIABLE]: nodeId,
    MUSTER_FENCE: String(assignment.fence),
    ...(keepsData(spec) ? { MUSTER_DATA: slotFolder(dataFolder, assignment) } : {}),
    ...(Object.keys(spec.files).length > 0 ? { MUSTER_FILES: filesFolder(dataFolder, assignment.id) } : {}),
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
