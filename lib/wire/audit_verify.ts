/**
 * Whether an audit log is whole: every line has the content that was hashed and follows the one before it. What the lines
 * can't show is that there were more of them behind the last one, or that somebody wrote the whole log anew; a hash that
 * was noted elsewhere shows both, as it must then be in the chain. The controller judges its last file by the same rule.
 * @module
 */
import { AUDIT_ORIGIN, type AuditHead, AuditLine, type AuditLink, readAuditLink } from "./audit.ts";
import type { AuditText } from "./audit_files.ts";

const REMARKS_MAX = 20;

/** What is wrong with the first line that is wrong. */
export type AuditFault = "edited" | "removed" | "reordered" | "truncated" | "foreign";

/** A line that follows, or what is wrong with it, in words. */
export type Judgement = { kind: "follows"; link: AuditLink } | { kind: "fault"; fault: AuditFault; detail: string };

export type AuditVerdict =
  | { kind: "whole"; lines: number; last: AuditHead; remarks: readonly string[] }
  | { kind: "broken"; fault: AuditFault; detail: string; file: string; line: number }
  | { kind: "empty" };

export interface VerifyOptions {
  /** A hash that was the last one at some time. */
  expect?: string | undefined;
}

/** Looks over all lines of a log, from its first one. */
export async function verifyAudit(
  lines: AsyncIterable<AuditText> | Iterable<AuditText>,
  { expect }: VerifyOptions = {},
): Promise<AuditVerdict> {
  let last = AUDIT_ORIGIN;
  let place: Pick<AuditText, "file" | "line"> | undefined;
  let gap: (AuditVerdict & { kind: "broken" }) | undefined;
  let isExpectedSeen = expect === undefined;
  const remarks: string[] = [];
  for await (const text of lines) {
    if (gap !== undefined) {
      // What is missing may come later: then nothing was removed.
      if (judgeAuditLine(text, last).kind === "follows") return reordered(gap, { missing: last.seq + 1, text });
      continue;
    }
    const judged = judgeAuditLine(text, last);
    if (judged.kind === "fault") {
      const { fault, detail } = judged;
      const verdict = { kind: "broken", fault, detail, file: text.file, line: text.line } as const;
      if (fault !== "removed") return verdict;
      gap = verdict;
      continue;
    }
    last = { seq: judged.link.seq, hash: judged.link.hash };
    place = text;
    if (last.hash === expect) isExpectedSeen = true;
    const remark = remarkOn(judged.link);
    if (remark !== undefined && remarks.length < REMARKS_MAX) remarks.push(remark);
  }
  if (gap !== undefined) return gap;
  if (place === undefined && expect === undefined) return { kind: "empty" };
  if (isExpectedSeen) return { kind: "whole", lines: last.seq, last, remarks };
  const detail = "no line has the expected hash: lines behind this one were removed, or the log was written anew";
  return { kind: "broken", fault: "truncated", detail, file: place?.file ?? "", line: place?.line ?? 0 };
}

/** Whether the line follows the chain's end given. */
export function judgeAuditLine({ text, line, ended }: AuditText, after: AuditHead): Judgement {
  if (!ended) {
    const detail = "it is not ended: a crash cut it, or it is being written just now; the controller cuts it off and " +
      "records that when it starts next";
    return { kind: "fault", fault: "truncated", detail };
  }
  const reading = text === undefined ? { kind: "alien" as const } : readAuditLink(text);
  if (reading.kind === "edited") {
    return { kind: "fault", fault: "edited", detail: "its content is not what its hash was made of" };
  }
  if (reading.kind === "alien") {
    return { kind: "fault", fault: "foreign", detail: "it is no line of an audit log, or not any more" };
  }
  const { link } = reading;
  if (link.seq > after.seq + 1) {
    return { kind: "fault", fault: "removed", detail: missing(after.seq + 1, link.seq - 1) };
  }
  if (link.seq <= after.seq) {
    const detail = `it has the number ${link.seq} and comes after number ${after.seq}: it was moved or copied here`;
    return { kind: "fault", fault: "reordered", detail };
  }
  if (link.prev !== after.hash) {
    const detail = "it follows another line than the one before it: that one was written anew, or this one is of " +
      "another log";
    return { kind: "fault", fault: "foreign", detail };
  }
  if (line === 1 && link.kind !== "begun") {
    return { kind: "fault", fault: "edited", detail: 'its file does not start with a "begun" line' };
  }
  return { kind: "follows", link };
}

function missing(first: number, last: number): string {
  const which = first === last ? `number ${first} is` : `numbers ${first} to ${last} are`;
  return `before it, ${which} missing`;
}

function reordered(
  gap: AuditVerdict & { kind: "broken" },
  { missing, text }: { missing: number; text: AuditText },
): AuditVerdict {
  const where = text.file === gap.file ? "" : ` of ${text.file}`;
  const detail = `number ${missing} belongs in its place, and comes as line ${text.line}${where}`;
  return { ...gap, fault: "reordered", detail };
}

/** What happened to the log itself. */
function remarkOn({ seq, value }: AuditLink): string | undefined {
  const { data } = AuditLine.safeParse(value);
  if (data?.kind === "mended" || data?.kind === "broken") return `number ${seq}, ${data.time}: ${data.what}`;
  return undefined;
}
