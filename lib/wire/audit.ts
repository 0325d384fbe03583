/**
 * A line of the audit log: who asked for what, from where, and what came of it. Each line ends in a hash over the rest of
 * its own text, in which the hash of the line before stands: nobody changes a line without changing all that follow. The
 * controller writes these, `GET /v1/audit` shows them, and `audit_verify.ts` looks them over.
 * @module
 */
import { createHash } from "node:crypto";
import * as z from "zod";

/** No line is longer than this, its line feed not counted. */
export const AUDIT_LINE_BYTES_MAX = 65_536;
/** What outsiders choose is cut at this length, so that no line gets too long. */
const TEXT_MAX = 1_000;

/** Where a chain ends: its last line's number and hash. */
export interface AuditHead {
  seq: number;
  hash: string;
}

/** What the first line of all follows. */
export const AUDIT_ORIGIN: AuditHead = { seq: 0, hash: "0".repeat(64) };

const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const chain = { seq: z.int().min(1), time: z.string(), prev: Digest, hash: Digest };
const question = {
  /** Joins the two lines of a request. */
  request: z.string(),
  /** "person alice (operator)", "node <id>", "token-file", "anyone" */
  who: z.string(),
  /** The address that it came from. */
  from: z.string(),
  method: z.string(),
  path: z.string(),
};

/** A line as it is read, checked by `readAuditLink()` before or not. */
export const AuditLine = z.discriminatedUnion("kind", [
  /** The first line of each file, and wherever another cluster goes on. */
  z.object({ ...chain, kind: z.literal("begun"), cluster: z.string() }),
  /** A write that is about to be made; `what` is a summary of its body. */
  z.object({ ...chain, kind: z.literal("asked"), ...question, what: z.string() }),
  /** What was answered to it. A question without one was cut off by the controller's end. */
  z.object({ ...chain, kind: z.literal("answered"), ...question, status: z.int() }),
  /** What a crash had left of a line was cut off. */
  z.object({ ...chain, kind: z.literal("mended"), what: z.string() }),
  /** The chain was found broken when the controller started. */
  z.object({ ...chain, kind: z.literal("broken"), what: z.string() }),
]);
export type AuditLine = z.infer<typeof AuditLine>;

type Unchained<Line> = Line extends AuditLine ? Omit<Line, keyof typeof chain> : never;
/** What a line says, before it has its place in the chain. */
export type AuditEntry = Unchained<AuditLine>;

/** `GET /v1/audit` */
export const AuditPage = z.object({
  /** Oldest first. */
  entries: z.array(AuditLine),
  /** To be given as `after` for the next page; null when there is nothing after this one. */
  next: z.int().nullable(),
});
export type AuditPage = z.infer<typeof AuditPage>;

/** The entry's line, without its line feed, and the chain's end behind it. */
export function sealAuditLine(
  entry: AuditEntry,
  { after, time }: { after: AuditHead; time: string },
): { text: string; head: AuditHead } {
  const seq = after.seq + 1;
  const bounded = Object.entries(entry).map(([key, value]) => [key, typeof value === "string" ? cut(value) : value]);
  const open = JSON.stringify({ seq, time, ...Object.fromEntries(bounded), prev: after.hash });
  const hash = digestOf(open);
  return { text: `${open.slice(0, -1)},"hash":"${hash}"}`, head: { seq, hash } };
}

const Link = z.object({ seq: z.int().min(1), kind: z.string(), prev: Digest });

/** What of a line is about the chain; kinds that a newer Muster has added count as well. */
export interface AuditLink extends AuditHead {
  kind: string;
  prev: string;
  /** All that the line says. */
  value: unknown;
}

export type LinkReading =
  | { kind: "link"; link: AuditLink }
  /** It has the form of a line, but its content is not what was hashed. */
  | { kind: "edited" }
  /** It has not even the form. */
  | { kind: "alien" };

/** Reads a line and checks its own hash. The text itself is what was hashed, so no byte of it is left out. */
export function readAuditLink(text: string): LinkReading {
  const [, open, hash] = /^(\{"seq":.*),"hash":"([0-9a-f]{64})"\}$/s.exec(text) ?? [];
  if (open === undefined || hash === undefined) return { kind: "alien" };
  if (digestOf(`${open}}`) !== hash) return { kind: "edited" };
  const value = jsonOf(text);
  const parsed = Link.safeParse(value);
  return parsed.success ? { kind: "link", link: { ...parsed.data, hash, value } } : { kind: "alien" };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function cut(text: string): string {
  const whole = text.toWellFormed();
  return whole.length <= TEXT_MAX ? whole : `${whole.slice(0, TEXT_MAX - 1).toWellFormed()}…`;
}
