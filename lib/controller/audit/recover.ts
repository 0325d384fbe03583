/**
 * Where an audit log goes on after its controller ended, however that was. Only the file that was written last is looked
 * over, so that a start takes no longer the older a cluster gets; `controller audit verify` looks over all of them. A
 * chain that is found broken doesn't keep the controller from starting: it goes on behind it, and says so.
 * @module
 */
import { join } from "node:path";
import {
  AUDIT_LINE_BYTES_MAX,
  AUDIT_ORIGIN,
  type AuditEntry,
  type AuditHead,
  AuditLine,
  readAuditLink,
} from "../../wire/audit.ts";
import { AUDIT_FILE, auditLines, type OlderAuditFile, olderAuditFiles } from "../../wire/audit_files.ts";
import { judgeAuditLine } from "../../wire/audit_verify.ts";

/** What a log goes on from. */
export interface Recovered {
  head: AuditHead;
  /** How much of the file that is written counts. */
  bytes: number;
  /** The number of that file's first line. */
  firstSeq: number;
  older: OlderAuditFile[];
  /** The cluster that wrote last. */
  cluster: string | undefined;
  /** What is to be written about the log itself before anything else. */
  notes: AuditEntry[];
}

/** Reads the end of the log in the folder; an empty folder gives the beginning of a new one. */
export async function recoverAudit(folder: string): Promise<Recovered> {
  const older = await olderAuditFiles(folder);
  const newest = older.at(-1);
  const recovered: Recovered = { head: AUDIT_ORIGIN, bytes: 0, firstSeq: 1, older, cluster: undefined, notes: [] };
  if (newest !== undefined) {
    const head = await lastHeadIn(newest.path);
    if (head === undefined) recovered.notes.push(broken(newest.path, "it has no line that can be read at its end"));
    // Where nothing can be read, numbers at least don't begin anew: the files are named by them.
    recovered.head = head ?? { ...AUDIT_ORIGIN, seq: newest.firstSeq };
  }
  recovered.firstSeq = recovered.head.seq + 1;
  try {
    await recoverFile(join(folder, AUDIT_FILE), recovered);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return recovered;
}

/** Follows the file to the end of its last whole line. */
async function recoverFile(path: string, recovered: Recovered): Promise<void> {
  let isBroken = false;
  for await (const text of auditLines(path)) {
    if (!text.ended) {
      const cutBytes = text.endBytes - recovered.bytes;
      const what = `${cutBytes} bytes of a line that was not ended were cut off when the controller started`;
      recovered.notes.push({ kind: "mended", what });
      return;
    }
    recovered.bytes = text.endBytes;
    const judged = judgeAuditLine(text, recovered.head);
    if (judged.kind === "fault" && !isBroken) {
      isBroken = true;
      recovered.notes.push(broken(path, `line ${text.line}: ${judged.detail}`));
    }
    const reading = text.text === undefined ? undefined : readAuditLink(text.text);
    if (reading?.kind !== "link") continue;
    const { seq, hash, value } = reading.link;
    if (text.line === 1) recovered.firstSeq = seq;
    recovered.head = { seq, hash };
    const { data } = AuditLine.safeParse(value);
    if (data?.kind === "begun") recovered.cluster = data.cluster;
  }
}

/** The last line of a file that was set aside, unless nothing near its end can be read. */
async function lastHeadIn(path: string): Promise<AuditHead | undefined> {
  const { size } = await Deno.stat(path);
  let head: AuditHead | undefined;
  for await (const { text, ended } of auditLines(path, { from: Math.max(0, size - 2 * AUDIT_LINE_BYTES_MAX) })) {
    const reading = text === undefined || !ended ? undefined : readAuditLink(text);
    if (reading?.kind === "link") head = { seq: reading.link.seq, hash: reading.link.hash };
  }
  return head;
}

function broken(path: string, what: string): AuditEntry {
  return { kind: "broken", what: `${path}: ${what}` };
}
