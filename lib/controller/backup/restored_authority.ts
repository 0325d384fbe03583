/**
 * The authority of a backup, laid beside the controller's own until the records of the same backup are in the store: one
 * without the other would be a cluster that believes nobody. A start that finds it there knows by the store whether it
 * came to that, and takes it over or away. The one that was here is set aside, never removed.
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import type { Snapshot } from "../../cluster/record.ts";
import { writeFileAtomic } from "../../runtime/atomic_file.ts";
import { getLog } from "../../runtime/log.ts";
import { type KeptAuthorities, placeIn, writeAuthorityFiles } from "../identity/authority_files.ts";
import { removeIfThere } from "../../runtime/remove_if_there.ts";

/** By what the store is known that it belongs to. */
const Belonging = z.object({ cluster: z.string(), epoch: z.int() });
type Belonging = z.infer<typeof Belonging>;

const log = getLog("authority");

/** Lays it beside the present one. It belongs to a store of that cluster which is at that epoch or beyond. */
export async function layBeside(data: string, kept: KeptAuthorities, belonging: Belonging): Promise<void> {
  const folder = placeBeside(data);
  await removeIfThere(folder);
  await writeAuthorityFiles({ ...placeIn(data), folder }, kept);
  // The last: what is not whole has none.
  await writeFileAtomic(join(folder, "belongs.json"), `${JSON.stringify(belonging)}\n`);
}

/** Takes away what was laid beside. */
export function takeAway(data: string): Promise<void> {
  return removeIfThere(placeBeside(data));
}

/** What a start does with what it finds: may be broken off at any point and done again. */
export async function settleAuthority(data: string, { cluster, epoch }: Pick<Snapshot, "cluster" | "epoch">) {
  const beside = placeBeside(data);
  const belonging = await readBelonging(beside);
  if (belonging === undefined || belonging.cluster !== cluster || epoch < belonging.epoch) return await takeAway(data);
  const { folder } = placeIn(data);
  const former = `${folder}.before-epoch-${belonging.epoch}`;
  await renameIfThere(folder, former);
  await Deno.rename(beside, folder);
  await Deno.remove(join(folder, "belongs.json"));
  log.warn("The authority of the backup is in force; the one before was set aside", { former });
}

function placeBeside(data: string): string {
  return `${placeIn(data).folder}.restored`;
}

async function readBelonging(folder: string): Promise<Belonging | undefined> {
  try {
    return Belonging.parse(JSON.parse(await Deno.readTextFile(join(folder, "belongs.json"))));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await Deno.rename(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
