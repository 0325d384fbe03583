/**
 * What the agent remembers across its restarts (`state.json`, readable for its owner only): the cluster that it is
 * bound to, how far that cluster's orders went, and the last of them.
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { writeFileAtomic } from "../runtime/atomic_file.ts";
import { Order } from "../wire/protocol.ts";
import type { Memory } from "./session/effect.ts";

const Remembered: z.ZodType<Memory> = z.object({
  cluster: z.uuid().nullable(),
  epoch: z.int().min(0),
  revision: z.int().min(0),
  node: z.string(),
  replicas: z.array(Order),
});

/** A new agent's memory: bound to no cluster. */
export function emptyMemory(node: string): Memory {
  return { cluster: null, epoch: 0, revision: 0, node, replicas: [] };
}

/** What is remembered in the folder; `node` is how a new agent is called until a controller names it. */
export async function readMemory(folder: string, node: string): Promise<Memory> {
  const path = pathIn(folder);
  try {
    return Remembered.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return emptyMemory(node);
    // To begin without memory would mean to follow any cluster that asks: that is the operator's decision.
    const hint = "remove it to start unbound; what runs goes on meanwhile, exclusive replicas until their stop_after";
    throw new Error(`Cannot read ${path}: it is damaged; ${hint}`, { cause });
  }
}

/** Returns when the memory is on the disk. */
export async function writeMemory(folder: string, memory: Memory): Promise<void> {
  await writeFileAtomic(pathIn(folder), JSON.stringify(memory), { mode: 0o600 });
}

/** The same memory, free for another cluster: what runs stays known, so that nothing is stopped by this. */
export function withoutCluster(memory: Memory): Memory {
  return { ...memory, cluster: null, epoch: 0, revision: 0 };
}

function pathIn(folder: string): string {
  return join(folder, "state.json");
}
