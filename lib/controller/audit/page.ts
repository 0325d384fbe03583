/**
 * A page of the audit log, by the numbers of its lines. As these grow from line to line, the place where a page begins is
 * found by halving: a request reads a few blocks of a file, however large it is. What isn't a line any more is left out;
 * `audit verify` is what looks for that.
 * @module
 */
import { AuditLine, type AuditPage } from "../../wire/audit.ts";
import { auditLines, type OlderAuditFile } from "../../wire/audit_files.ts";
import { parseJson } from "../../wire/json.ts";

/** Once the place is known this well, the rest is read line by line. */
const WINDOW_BYTES = 131_072;

export interface PageOptions {
  /** Lines with larger numbers are given; the newest ones when it is undefined. */
  after: number | undefined;
  limit: number;
}

/** A file and how much of it counts: all of it unless said. */
export interface PagedFile extends OlderAuditFile {
  bytes?: number;
}

/** Reads the page. `files` are in their order; `last` is the number of the last line. */
export async function readAuditPage(
  { files, last }: { files: readonly PagedFile[]; last: number },
  { after, limit }: PageOptions,
): Promise<AuditPage> {
  const start = after ?? Math.max(0, last - limit);
  const entries: AuditLine[] = [];
  const firstFile = Math.max(0, files.findLastIndex(({ firstSeq }) => firstSeq <= start + 1));
  for (const { path, bytes } of files.slice(firstFile)) {
    const to = bytes ?? (await Deno.stat(path)).size;
    for await (const { text } of auditLines(path, { from: await nearLine(path, { after: start, to }), to })) {
      const line = text === undefined ? undefined : lineIn(text);
      if (line === undefined || line.seq <= start || line.seq > last) continue;
      entries.push(line);
      if (entries.length === limit) return { entries, next: line.seq < last ? line.seq : null };
    }
  }
  return { entries, next: null };
}

/** Where a line begins that is at or a little before the first one with a larger number. */
async function nearLine(path: string, { after, to }: { after: number; to: number }): Promise<number> {
  let low = 0;
  let high = to;
  while (high - low > WINDOW_BYTES) {
    const middle = Math.floor((low + high) / 2);
    const found = await firstLineIn(path, { from: middle, to: high });
    if (found === undefined || found.seq > after) high = middle;
    else low = found.start;
  }
  return low;
}

/** The first line that begins behind `from`. */
async function firstLineIn(path: string, range: { from: number; to: number }) {
  let start: number | undefined;
  for await (const { text, endBytes } of auditLines(path, range)) {
    // The first is only a part of a line, for all that is known.
    const [, seq] = (start === undefined ? undefined : /^\{"seq":(\d{1,16}),/.exec(text ?? "")) ?? [];
    if (start !== undefined && seq !== undefined) return { start, seq: Number(seq) };
    start = endBytes;
  }
  return undefined;
}

function lineIn(text: string): AuditLine | undefined {
  const parsed = parseJson(text);
  return parsed.ok ? AuditLine.safeParse(parsed.value).data : undefined;
}
