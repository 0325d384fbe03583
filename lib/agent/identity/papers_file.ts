/**
 * What the agent proves itself by, in its data folder (`identity.json`, for its user only): its key, its certificate, its
 * credentials, and the authorities that it believes. Whoever has this file is this node, until it is removed.
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { writeFileAtomic } from "../../runtime/atomic_file.ts";
import { type DataDirChoice, defaultDataDir, type Environment } from "../../runtime/data_dir.ts";
import { NodePapers } from "../../wire/join.ts";

export const Papers = z.object({
  ...NodePapers.shape,
  /** Of the certificate: PKCS #8, in PEM. */
  key: z.string(),
  issued_at: z.iso.datetime(),
  /** The id of the join token by which they came. */
  joined_with: z.uuid().optional(),
});
export type Papers = z.infer<typeof Papers>;

/** The papers in the folder; undefined when the agent has not joined. */
export async function readPapers(folder: string): Promise<Papers | undefined> {
  const path = pathIn(folder);
  try {
    return Papers.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`Cannot read ${path}: it is damaged; remove it and join again with a new join token`, { cause });
  }
}

/** Whether an agent that would use such a data folder has joined a cluster. */
export async function hasJoined(choice: DataDirChoice, env: Environment): Promise<boolean> {
  const folder = choice.data ?? defaultDataDir(choice, env);
  if (folder === undefined) return false;
  try {
    return (await Deno.stat(pathIn(folder))).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Returns when they are on the disk. */
export async function writePapers(folder: string, papers: Papers): Promise<void> {
  await writeFileAtomic(pathIn(folder), JSON.stringify(papers), { mode: 0o600 });
}

function pathIn(folder: string): string {
  return join(folder, "identity.json");
}
