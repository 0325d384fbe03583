/**
 * The files of an audit log, in their order, and their lines. `audit.jsonl` is the one that is written; once it is large
 * it is set aside under the number of its first line. The controller reads them at its start and for `GET /v1/audit`, the
 * command line to verify them.
 * @module
 */
import { join } from "node:path";
import { AUDIT_LINE_BYTES_MAX } from "./audit.ts";

/** The file that is written. */
export const AUDIT_FILE = "audit.jsonl";
const OLDER = /^audit-(\d{16})\.jsonl$/;
const CHUNK_BYTES = 65_536;
const LINE_FEED = 0x0a;
const NOTHING = new Uint8Array(0);

/** A line where it was found. */
export interface AuditText {
  file: string;
  /** Counted from 1; from where reading began. */
  line: number;
  /** Undefined for what is no UTF-8, or longer than any line. */
  text: string | undefined;
  /** Whether a line feed ends it, as it does every line that was acknowledged. */
  ended: boolean;
  /** The first byte behind it, counted from the file's beginning. */
  endBytes: number;
}

/** The name of a file that was set aside. */
export function olderAuditFile(firstSeq: number): string {
  return `audit-${String(firstSeq).padStart(16, "0")}.jsonl`;
}

/** A file that was set aside. */
export interface OlderAuditFile {
  path: string;
  firstSeq: number;
}

/** The files that were set aside, oldest first. Rejects with `NotFound` when there is no such folder. */
export async function olderAuditFiles(folder: string): Promise<OlderAuditFile[]> {
  const found: OlderAuditFile[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const [, firstSeq] = OLDER.exec(name) ?? [];
    if (firstSeq !== undefined) found.push({ path: join(folder, name), firstSeq: Number(firstSeq) });
  }
  return found.sort((a, b) => a.firstSeq - b.firstSeq);
}

/** All lines of a folder's log. Rejects with `NotFound` when there is no log. */
export async function* auditLinesIn(folder: string): AsyncGenerator<AuditText> {
  const read = new Set<string>();
  // While one is read, a controller that runs may set another aside.
  for (let older = await olderAuditFiles(folder); older.length > read.size; older = await olderAuditFiles(folder)) {
    for (const { path } of older) {
      if (!read.has(path)) yield* auditLines(path);
      read.add(path);
    }
  }
  try {
    yield* auditLines(join(folder, AUDIT_FILE));
  } catch (error) {
    // A controller that ended while it set a file aside leaves none to be written.
    if (!(error instanceof Deno.errors.NotFound) || read.size === 0) throw error;
  }
}

/** The lines of a file, or of the bytes given of it. */
export async function* auditLines(path: string, { from = 0, to = Infinity } = {}): AsyncGenerator<AuditText> {
  using file = await Deno.open(path, { read: true });
  await file.seek(from, Deno.SeekMode.Start);
  const chunk = new Uint8Array(CHUNK_BYTES);
  let held: Uint8Array = NOTHING;
  let isTooLong = false;
  let line = 0;
  let at = from;
  const textOf = (bytes: Uint8Array, { ended, endBytes }: { ended: boolean; endBytes: number }): AuditText => {
    line += 1;
    return { file: path, line, text: isTooLong ? undefined : decoded(bytes), ended, endBytes };
  };
  while (at < to) {
    const count = await file.read(chunk.subarray(0, Math.min(CHUNK_BYTES, to - at)));
    if (count === null) break;
    const bytes = joined(held, chunk.subarray(0, count));
    const begin = at - held.length;
    at += count;
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      yield textOf(bytes.subarray(start, end), { ended: true, endBytes: begin + end + 1 });
      isTooLong = false;
      start = end + 1;
    }
    held = bytes.slice(start);
    if (held.length <= AUDIT_LINE_BYTES_MAX) continue;
    isTooLong = true;
    held = NOTHING;
  }
  if (held.length > 0 || isTooLong) yield textOf(held, { ended: false, endBytes: at });
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

/** To the byte: whatever is no UTF-8, and a mark at the beginning, must not look like what was hashed. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
}
