/**
 * From a data folder to a store that this controller leads: opened, its epoch raised, and what a fresh one lacks
 * written: the default service, and the agents named at the start.
 * @module
 */
import { join } from "node:path";
import { type Change, put, type Snapshot } from "../cluster/record.ts";
import { defaultService } from "../cluster/service_record.ts";
import type { Random } from "../runtime/random.ts";
import { newNode } from "./loop/node_record.ts";
import type { ControllerSettings } from "./settings.ts";
import type { Loaded } from "./shell.ts";
import { openMemoryStore } from "./store/memory.ts";
import { openSqliteStore } from "./store/sqlite.ts";
import type { Store } from "./store/store.ts";

export interface OpenStoreOptions {
  kind: ControllerSettings["store"];
  folder: string;
  /** The module that the store's worker runs. */
  worker: string | URL;
  random: Random;
}

export async function openStore({ kind, folder, worker, random }: OpenStoreOptions): Promise<Store> {
  if (kind === "memory") return openMemoryStore({ cluster: random.uuid() });
  return await openSqliteStore({ path: join(folder, "muster.db"), worker, random });
}

/** Takes the lead and reads everything, after what was missing has been written. */
export async function takeOver(
  store: Store,
  { agents, random }: { agents: readonly string[]; random: Random },
): Promise<Loaded> {
  const leadership = await store.lead();
  const snapshot = await store.load();
  const changes = [...missingService(snapshot), ...missingNodes(snapshot, { agents, random })];
  if (changes.length === 0) return { snapshot, leadership };
  const outcome = await store.append(changes, { expectedRevision: snapshot.revision });
  if (outcome.kind !== "committed") {
    throw new Error(`Cannot write to the store: it answers "${outcome.kind}"; make room on its disk and start again`);
  }
  return { snapshot: await store.load(), leadership };
}

/** Only a store that was never written to gets the default service: one that was removed stays removed. */
function missingService({ revision, records }: Snapshot): Change[] {
  return revision === 0 && records.length === 0 ? [put(defaultService())] : [];
}

function missingNodes(
  { records }: Snapshot,
  { agents, random }: { agents: readonly string[]; random: Random },
): Change[] {
  const urls = new Set(agents.map((agent) => new URL(agent).origin));
  for (const { record } of records) if (record.type === "node") urls.delete(record.url);
  return [...urls].map((url) => put(newNode(random.uuid(), url, undefined)));
}
