/**
 * All that has to be there before a replica's process is started: its environment, its command with the variables put
 * in, free ports, the folder that it begins in, its data, its files. What is missing is a reason, which the operator
 * reads in the replica's status.
 * @module
 */
import { join } from "node:path";
import { isWithinArtifact, keepsData } from "../../cluster/surroundings.ts";
import type { Order } from "../../wire/protocol.ts";
import type { InstanceRecord } from "../session/effect.ts";
import { artifactFiles } from "../artifacts/artifact_folders.ts";
import { type Place, replicaEnvironment, sourceEnvironment } from "./environment.ts";
import { expand } from "./expand.ts";
import { makeOwnFolder, slotFolder, writeFiles } from "./own_folders.ts";
import { isFree, LOOPBACK } from "../ports.ts";
import { findProgram, type Places } from "./program.ts";

type Command = readonly [string, ...string[]];

export interface Prepared {
  kind: "prepared";
  command: Command;
  env: Record<string, string>;
  cwd: string | undefined;
}

/** `takenPort`: another one might be free. */
export interface Unprepared {
  kind: "unprepared";
  reason: string;
  takenPort: number | undefined;
}

/** What preparing needs of the host. */
export interface PreparationHost {
  place: Place;
  places: Places;
  env: { get(name: string): string | undefined };
}

/** Prepares the start of an instance. */
export function prepare(
  { record, order }: { record: InstanceRecord; order: Order },
  { place, places, env }: PreparationHost,
): Prepared | Unprepared {
  const { spec, assignment } = order;
  const inUse = portInUse({ record, order }, place);
  if (inUse !== undefined) return inUse;
  const made = replicaEnvironment({ record, order }, place, env);
  if (made.kind === "refused") return unprepared(made.reason);
  const { cwd, places: all } = beginningOf(spec, { dataFolder: place.dataFolder, places });
  const command = readyCommand(spec.command, { places: all, variables: made.env });
  if (command.kind === "refused") return unprepared(command.reason);
  const files = expandedFiles(spec.files, made.env);
  if (files.kind === "refused") return unprepared(files.reason);
  const noFolder = cwd === undefined ? undefined : problemOfFolder(cwd);
  if (noFolder !== undefined) return unprepared(`Cannot start it in ${cwd}: ${noFolder}`);

  if (keepsData(spec)) makeOwnFolder(slotFolder(place.dataFolder, assignment));
  if (files.texts.size > 0) writeFiles(place.dataFolder, assignment.id, files.texts);
  const variables = command.fromSource ? { ...sourceEnvironment(env), ...made.env } : made.env;
  return { kind: "prepared", command: command.command, env: variables, cwd };
}

/** Where a replica and the commands beside it begin, and where their programs are looked for. */
export function beginningOf(
  { cwd, artifact }: Pick<Order["spec"], "cwd" | "artifact">,
  { dataFolder, places }: { dataFolder: string; places: Places },
): { cwd: string | undefined; places: Places } {
  if (artifact === undefined) return { cwd, places };
  const folder = artifactFiles(dataFolder, artifact.sha256);
  const within = cwd === undefined || isWithinArtifact(cwd) ? join(folder, cwd ?? ".") : cwd;
  return { cwd: within, places: { ...places, artifact: folder } };
}

type Ready = { kind: "ready"; command: Command; fromSource: boolean } | { kind: "refused"; reason: string };

/** A command as it can be run: with the values of the variables in it, and its program found. */
export function readyCommand(
  words: readonly string[],
  { places, variables }: { places: Places; variables: Readonly<Record<string, string>> },
): Ready {
  const expanded: string[] = [];
  for (const word of words) {
    const expansion = expand(word, variables);
    if (expansion.kind === "refused") {
      return { kind: "refused", reason: `Cannot make its command: ${expansion.reason}` };
    }
    expanded.push(expansion.text);
  }
  const [name = "", ...args] = expanded;
  const program = findProgram(name, places);
  if (program.kind === "missing") return { kind: "refused", reason: program.reason };
  return { kind: "ready", command: [...program.command, ...args], fromSource: program.fromSource };
}

function expandedFiles(
  files: Order["spec"]["files"],
  variables: Readonly<Record<string, string>>,
): { kind: "expanded"; texts: Map<string, string> } | { kind: "refused"; reason: string } {
  const texts = new Map<string, string>();
  for (const [name, { template }] of Object.entries(files)) {
    const expansion = expand(template, variables);
    if (expansion.kind === "refused") return { kind: "refused", reason: `Cannot write ${name}: ${expansion.reason}` };
    texts.set(name, expansion.text);
  }
  return { kind: "expanded", texts };
}

/** The first port that somebody has already. */
function portInUse(
  { record, order }: { record: InstanceRecord; order: Order },
  { address }: Place,
): Unprepared | undefined {
  if (!isFree(record.port)) return unprepared(`port ${record.port} is in use`, record.port);
  for (const [name, port] of Object.entries(record.ports)) {
    const wanted = order.spec.ports[name];
    const host = wanted?.expose === "node" ? address : LOOPBACK;
    if (isFree(port, host)) continue;
    if (wanted?.port !== port) return unprepared(`port ${port} ("${name}") is in use`, port);
    return unprepared(`port ${port} ("${name}") is in use on ${host}: free it, or give another one in "ports"`);
  }
  return undefined;
}

function problemOfFolder(path: string): string | undefined {
  try {
    return Deno.statSync(path).isDirectory ? undefined : "it is no folder";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "it is not there; make it on this node";
    if (error instanceof Deno.errors.PermissionDenied) return "the agent may not look at it";
    throw error;
  }
}

function unprepared(reason: string, takenPort?: number): Unprepared {
  return { kind: "unprepared", reason, takenPort };
}
