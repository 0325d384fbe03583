/**
 * A backup: all that a controller must not forget, in one file that needs nothing else. It is a gzip of lines of JSON:
 * what it is of, the authority where there is one, the records, the artifacts that services name, and a last line by
 * which a file that was cut off or changed is known. The controller writes and reads it, and so does the command line.
 * @module
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import { Digest } from "../cluster/artifact_ref.ts";
import { StoreRecord } from "../cluster/record.ts";
import { isDisconnect } from "../runtime/disconnect.ts";
import { printableLine } from "../runtime/sanitize.ts";
import { LineTooLong, readLines } from "./ndjson.ts";

/** A later one says what this version of Muster doesn't understand. */
export const BACKUP_FORMAT = 1;
/** The list of an artifact's files is the longest that there can be. */
const LINE_BYTES_MAX = 67_108_864;

const Head = z.object({
  kind: z.literal("backup"),
  format: z.int(),
  /** The Muster that wrote it. */
  version: z.string(),
  created_at: z.string(),
  cluster: z.uuid(),
  epoch: z.int().min(0),
  revision: z.int().min(0),
});
export type BackupHead = z.infer<typeof Head>;

const Pair = z.object({ certificate: z.string(), key: z.string() });

/** The cluster's authority, with the one that it is being replaced by, or was. */
const Authority = z.object({
  kind: z.literal("authority"),
  authority: Pair,
  next: Pair.optional(),
  former: z.string().optional(),
  rotation: z.object({ phase: z.enum(["announced", "switched", "done"]), since: z.string(), vouched: z.string() })
    .optional(),
});

const Line = z.discriminatedUnion("kind", [
  Head,
  Authority,
  z.object({ kind: z.literal("record"), revision: z.int().min(0), record: StoreRecord }),
  z.object({ kind: z.literal("chunk"), sha256: Digest, data: z.base64() }),
  /** Its chunks come before it. */
  z.object({ kind: z.literal("artifact"), sha256: Digest, text: z.string() }),
  z.object({ kind: z.literal("end"), sha256: Digest }),
]);
export type BackupLine = Exclude<z.infer<typeof Line>, { kind: "end" }>;

/** What was given is no whole backup, in words. */
export class BackupFault extends Error {
  override readonly name = "BackupFault";
}

/** The file, as it comes. */
export function writeBackup(lines: AsyncIterable<BackupLine>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(sealed(lines)).pipeThrough(new CompressionStream("gzip"));
}

async function* sealed(lines: AsyncIterable<BackupLine>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const hash = createHash("sha256");
  for await (const line of lines) {
    const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
    hash.update(bytes);
    yield bytes;
  }
  yield new TextEncoder().encode(`${JSON.stringify({ kind: "end", sha256: hash.digest("hex") })}\n`);
}

/** What is in a file, the head first. Throws a `BackupFault` where it isn't a backup, or not all of one. */
export async function* readBackup(file: ReadableStream<Uint8Array>): AsyncGenerator<BackupLine> {
  const hash = createHash("sha256");
  let number = 0;
  let isWhole = false;
  for await (const text of textsIn(file)) {
    if (isWhole) throw new BackupFault("it goes on after its end");
    number += 1;
    const line = parsed(text, number);
    if ((line.kind === "backup") !== (number === 1)) throw new BackupFault("it does not begin as a backup does");
    if (line.kind === "end") {
      if (line.sha256 !== hash.digest("hex")) throw new BackupFault("it was changed: its digest is not what it says");
      isWhole = true;
      continue;
    }
    hash.update(`${text}\n`);
    yield line;
  }
  if (!isWhole) throw new BackupFault("its end is missing: it was cut off");
}

async function* textsIn(file: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const packed = file as ReadableStream<Uint8Array<ArrayBuffer>>;
  try {
    yield* readLines(packed.pipeThrough(new DecompressionStream("gzip")), { lineBytesMax: LINE_BYTES_MAX });
  } catch (error) {
    // What is no gzip, or not a whole one, is a TypeError.
    if (!(error instanceof TypeError || error instanceof LineTooLong || isDisconnect(error))) throw error;
    throw new BackupFault(`it is no backup, or was cut off: ${printableLine(String(error))}`, { cause: error });
  }
}

function parsed(text: string, number: number): z.infer<typeof Line> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BackupFault(`its line ${number} is no JSON`, { cause });
  }
  const format = typeof value === "object" && value !== null && "format" in value ? value.format : BACKUP_FORMAT;
  if (number === 1 && typeof format === "number" && format > BACKUP_FORMAT) {
    throw new BackupFault(`it was made by a newer Muster (format ${format}, known up to ${BACKUP_FORMAT}): use that`);
  }
  const checked = Line.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const where = issue === undefined ? "" : `, at ${printableLine(issue.path.join("."))}: ${issue.message}`;
  throw new BackupFault(`its line ${number} is not what a backup holds${where}`);
}
