/**
 * Files that are whole at every moment. A state file is written beside its place, brought to the disk and then renamed:
 * a reader, a crash or a full disk sees the old content or the new one, never a part. For small files that are written
 * rarely; the store has its own way.
 * @module
 */
import { basename, dirname, join } from "node:path";
import { removeIfThere } from "./remove_if_there.ts";

/** How a file is written. */
export interface WriteFileAtomicOptions {
  /** The file's permissions, `0o600` unless said otherwise. Without effect on Windows. */
  mode?: number;
}

/** Replaces the file's content as one step and returns when that is on the disk. */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  { mode = 0o600 }: WriteFileAtomicOptions = {},
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const temporary = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  try {
    await writeAndSync(temporary, bytes, { mode });
    await Deno.rename(temporary, path);
  } catch (cause) {
    await removeIfThere(temporary);
    throw new Error(`Cannot write ${path}: the old content is kept; check the folder's space and permissions`, {
      cause,
    });
  }
  await syncFolder(dirname(path));
}

async function writeAndSync(path: string, bytes: Uint8Array, { mode }: { mode: number }): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode });
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
  await file.sync();
}

/** What was made or renamed is durable only with its folder. Windows can't open folders, and needs no such step. */
export async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using folder = await Deno.open(path, { read: true });
  await folder.sync();
}
