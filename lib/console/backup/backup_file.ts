/**
 * A backup as a file on this host. It gets its name once it is whole and was read again; until then it lies beside its
 * place, so that no half of one is ever taken for a backup.
 * @module
 */
import { UsageError } from "../cli/exit_code.ts";
import { isDiskFull } from "../../runtime/disk_full.ts";
import { isThere } from "../../runtime/is_there.ts";
import { BackupFault, readBackup } from "../../wire/backup.ts";
import { removeIfThere } from "../../runtime/remove_if_there.ts";

/** What is in a backup, in short. */
export interface BackupSummary {
  cluster: string;
  created_at: string;
  services: number;
  nodes: number;
  artifacts: number;
  /** Of the file. */
  bytes: number;
}

/** Keeps what comes in a new file. Nothing is asked for where there can't be one. */
export async function saveBackup(
  path: string,
  { begin }: { begin: () => Promise<ReadableStream<Uint8Array>> },
): Promise<BackupSummary> {
  const temporary = `${path}.${crypto.randomUUID()}.part`;
  try {
    if (await isThere(path)) throw new Deno.errors.AlreadyExists(path);
    await keep(begin, temporary);
    const summary = await summaryOf(temporary);
    await Deno.rename(temporary, path);
    return summary;
  } catch (error) {
    await removeIfThere(temporary);
    throw explained(error, path);
  }
}

/** Reads all of a file, which has to be a whole backup. */
export async function lookOver(path: string): Promise<BackupSummary> {
  return await summaryOf(path).catch((error) => {
    throw explained(error, path);
  });
}

async function summaryOf(path: string): Promise<BackupSummary> {
  const summary = { cluster: "", created_at: "", services: 0, nodes: 0, artifacts: 0 };
  for await (const line of readBackup(await openBackup(path))) {
    if (line.kind === "backup") Object.assign(summary, { cluster: line.cluster, created_at: line.created_at });
    else if (line.kind === "artifact") summary.artifacts += 1;
    else if (line.kind === "record" && line.record.type === "service") summary.services += 1;
    else if (line.kind === "record" && line.record.type === "node") summary.nodes += 1;
  }
  return { ...summary, bytes: (await Deno.stat(path)).size };
}

/** The file, to be read. */
export async function openBackup(path: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  return (await Deno.open(path)).readable;
}

/** What a person is told, where it is for a person to mend. */
function explained(error: unknown, path: string): unknown {
  const because = (state: string) => new UsageError(`Cannot use ${path}: ${state}`, { cause: error });
  if (error instanceof BackupFault) return because(`${error.message}; nothing was changed`);
  if (error instanceof Deno.errors.NotFound) return because("there is no such file or folder");
  if (error instanceof Deno.errors.AlreadyExists) return because("there is one already; give another name");
  if (error instanceof Deno.errors.PermissionDenied) return because("this user may not");
  if (error instanceof Deno.errors.IsADirectory) return because("it is a folder; name a file in it");
  return isDiskFull(error) ? because("there is no room left on the disk") : error;
}

async function keep(begin: () => Promise<ReadableStream<Uint8Array>>, path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  for await (const bytes of await begin()) {
    for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
  }
  await file.sync();
}
