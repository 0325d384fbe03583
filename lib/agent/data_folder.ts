/**
 * The agent's data folder: who this agent is, what it remembers, and what it needs to know its processes again. It
 * holds state, never configuration; one agent at a time may use it.
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { writeFileAtomic } from "../runtime/atomic_file.ts";
import type { Random } from "../runtime/random.ts";

/** An open data folder. Disposing of it lets another agent have it. */
export interface DataFolder extends Disposable {
  path: string;
  runFolder: string;
  logFolder: string;
  /** This agent's id: made once, and then the same for as long as the folder lives. */
  nodeId: string;
  /** The host was started anew since an agent of this folder last took orders. */
  rebooted: boolean;
  /** Notes that orders were taken in this boot: an agent that is started again may act on them by itself. */
  noteBoot(): Promise<void>;
}

/** Locks the folder and reads, or makes, what belongs into it. */
export async function claimDataFolder(
  path: string,
  { bootId, random }: { bootId: string; random: Random },
): Promise<DataFolder> {
  const lock = await lockFolder(path);
  try {
    const runFolder = await makeFolder(path, "run");
    const logFolder = await makeFolder(path, "logs");
    const nodeId = await readOrMakeNodeId(join(path, "node-id"), random);
    const bootPath = join(path, "boot-id");
    let noted = (await readIfThere(bootPath))?.trim();
    const rebooted = noted !== undefined && noted !== bootId;
    const noteBoot = async () => {
      if (noted === bootId) return;
      await writeFileAtomic(bootPath, `${bootId}\n`);
      noted = bootId;
    };
    return { path, runFolder, logFolder, nodeId, rebooted, noteBoot, [Symbol.dispose]: () => lock.close() };
  } catch (error) {
    lock.close();
    throw error;
  }
}

async function lockFolder(path: string): Promise<Deno.FsFile> {
  const lock = await Deno.open(join(path, "lock"), { create: true, write: true, mode: 0o600 });
  if (await lock.tryLock(true)) return lock;
  lock.close();
  throw new Error(`Cannot use the data folder ${path}: another agent uses it; give this one its own with --data`);
}

async function makeFolder(path: string, name: string): Promise<string> {
  const folder = join(path, name);
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

async function readOrMakeNodeId(path: string, random: Random): Promise<string> {
  const text = await readIfThere(path);
  if (text === undefined) {
    const nodeId = random.uuid();
    await writeFileAtomic(path, `${nodeId}\n`);
    return nodeId;
  }
  const nodeId = z.uuid().safeParse(text.trim());
  if (!nodeId.success) {
    throw new Error(`Cannot read ${path}: expected a UUID; remove the file if no replica of this agent runs any more`);
  }
  return nodeId.data;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return undefined;
  }
}
