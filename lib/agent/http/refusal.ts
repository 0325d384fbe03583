/**
 * The agent's answers: JSON, or a problem that says what was wrong with the request.
 * @module
 */
import { type Problem, PROBLEM_MEDIA_TYPE, TYPE_PREFIX } from "../../wire/problem.ts";
import type { HttpReply } from "./http_message.ts";

/** What a refusal says besides its type; `members` are further ones of the problem. */
export interface RefusalParts extends Omit<Problem, "type" | "revision"> {
  members?: Readonly<Record<string, unknown>>;
  headers?: Readonly<Record<string, string>>;
}

/** A refusal as problem+json; `type` is its short name, such as "foreign-cluster". */
export function refusal(type: string, { headers, members, ...parts }: RefusalParts): HttpReply {
  return {
    status: parts.status,
    headers: { "content-type": PROBLEM_MEDIA_TYPE, ...headers },
    body: `${JSON.stringify({ type: `${TYPE_PREFIX}${type}`, ...parts, ...members })}\n`,
  };
}

/** A JSON answer. */
export function json(status: number, body: unknown): HttpReply {
  return { status, headers: { "content-type": "application/json" }, body: `${JSON.stringify(body)}\n` };
}

/** An answer of JSON lines, each sent as it comes. */
export function jsonLines(lines: AsyncIterable<unknown>): HttpReply {
  const headers = { "content-type": "application/x-ndjson", "cache-control": "no-store" };
  return { status: 200, headers, body: encoded(lines) };
}

async function* encoded(lines: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const line of lines) yield encoder.encode(`${JSON.stringify(line)}\n`);
}
