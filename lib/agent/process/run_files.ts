/**
 * What the data folder says about processes that were begun: `run/<instance>.json` is written before the start,
 * `run/<instance>.stat` by the launching shell before it becomes the program. A restarted agent reads both, so there is
 * no moment at which a process runs that nothing here names.
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { WireSpec } from "../../cluster/service.ts";
import { removeIfThereSync } from "../../runtime/remove_if_there.ts";
import type { InstanceRecord } from "../session/effect.ts";

const Recorded: z.ZodType<InstanceRecord> = z.object({
  instance: z.uuid(),
  replica: z.uuid(),
  service: z.string(),
  slot: z.int(),
  port: z.int(),
  // An agent of before there were named ports left none.
  ports: z.record(z.string(), z.int()).default({}),
  startedAt: z.string(),
  restarts: z.int(),
  crashAgesMs: z.array(z.number()),
  restartSeq: z.int(),
  isolation: z.object({
    node: z.string(),
    on_isolation: WireSpec.shape.on_isolation.unwrap(),
    stop: WireSpec.shape.stop.unwrap().pick({ signal: true, timeout: true, drain: true }),
  }).optional(),
});

/** What the launching shell wrote about itself. */
export interface LaunchNote {
  boot: string;
  self: string;
}

/** An instance as its files tell of it. */
export interface FoundRun {
  record: InstanceRecord;
  /** Undefined when the launching shell never came so far. */
  note: LaunchNote | undefined;
}

/** Written synchronously, as is read and removed what is this small: the thread pool would cost many times as much. */
export function writeRunRecord(folder: string, record: InstanceRecord): void {
  // Needs no care about torn files: the start comes after it, so a torn one stands for nothing.
  Deno.writeTextFileSync(join(folder, `${record.instance}.json`), JSON.stringify(record), { mode: 0o600 });
}

/** Where the launching shell writes its note. */
export function notePath(folder: string, instance: string): string {
  return join(folder, `${instance}.stat`);
}

export function readLaunchNote(folder: string, instance: string): LaunchNote | undefined {
  const [boot, self] = (readIfThere(notePath(folder, instance)) ?? "").split("\n");
  return boot && self ? { boot, self } : undefined;
}

export function removeRun(folder: string, instance: string): void {
  // The record goes last: as long as it is there, a successor finds both and cleans up.
  for (const ending of ["stat", "json"]) removeIfThereSync(join(folder, `${instance}.${ending}`));
}

/** All instances that the folder names. Files that make no sense are removed. */
export async function readRuns(folder: string): Promise<FoundRun[]> {
  const found: FoundRun[] = [];
  for (const name of (await namesIn(folder)).toSorted()) {
    const path = join(folder, name);
    const record = name.endsWith(".json") ? recordIn(readIfThere(path) ?? "") : undefined;
    if (record !== undefined && name === `${record.instance}.json`) {
      found.push({ record, note: readLaunchNote(folder, record.instance) });
    } else if (!name.endsWith(".stat")) {
      removeIfThereSync(path);
    }
  }
  return found;
}

function recordIn(text: string): InstanceRecord | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
  return Recorded.safeParse(json).data;
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).filter((entry) => entry.isFile).map((entry) => entry.name);
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return undefined;
  }
}
