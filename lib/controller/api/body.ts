/**
 * What requests carry, made into parsed types: bounded before it is read in, strict JSON, and every slip named with the
 * place where it is and what was expected. What can't be used comes back as the answer that says so.
 * @module
 */
import type { z } from "zod";
import { isDisconnect } from "../../runtime/disconnect.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { patienceMs } from "../../wire/artifact.ts";
import { faultsOf } from "../../wire/faults.ts";
import { parseJson } from "../../wire/json.ts";
import { type Fault, problem } from "../../wire/problem.ts";

export const BODY_BYTES_MAX = 1_048_576;
const BODY_WAIT_MS = 10_000;
const FAULTS_MAX = 20;
/** So many are in the sentence as well. */
const FAULTS_SAID_MAX = 3;

/** The body as text. */
export async function readText(request: Request): Promise<string | Response> {
  const bytes = await readBytes(request, { bytesMax: BODY_BYTES_MAX, waitMsAfter: () => BODY_WAIT_MS });
  if (bytes instanceof Response) return bytes;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return notJson("it is not UTF-8", undefined);
  }
}

export interface BytesTaken {
  bytesMax: number;
  /** How long it may take until so many bytes are here and more are to come; unless said, as a slow line needs. */
  waitMsAfter?: (bytes: number) => number;
}

/** The body as it is. */
export async function readBytes(
  request: Request,
  { bytesMax, waitMsAfter = patienceMs }: BytesTaken,
): Promise<Uint8Array<ArrayBuffer> | Response> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > bytesMax) return tooLarge(bytesMax);
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  const begunMs = performance.now();
  let length = 0;
  // Deno.serve itself waits for a body without end.
  let late = false;
  const endIfLate = () => {
    const leftMs = begunMs + waitMsAfter(length) - performance.now();
    late = leftMs <= 0;
    if (late) reader.cancel().catch(() => {});
    else timer = setTimeout(endIfLate, leftMs);
  };
  let timer = setTimeout(endIfLate, waitMsAfter(0));
  try {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      if (value === undefined) continue;
      length += value.length;
      if (length > bytesMax) {
        await reader.cancel();
        return tooLarge(bytesMax);
      }
      parts.push(value);
    }
    return late ? timedOut(waitMsAfter(length)) : new Uint8Array(await new Blob(parts).arrayBuffer());
  } catch (error) {
    // Who has gone away reads no answer.
    if (!(error instanceof TypeError || isDisconnect(error))) throw error;
    return badBody("the body was cut off");
  } finally {
    clearTimeout(timer);
  }
}

export interface Wanted<T extends z.ZodType> {
  schema: T;
  /** A body that would do. */
  example: string;
}

/** The body by its schema. */
export function parseBody<T extends z.ZodType>(text: string, { schema, example }: Wanted<T>): z.infer<T> | Response {
  const parsed = parseJson(text);
  if (!parsed.ok) return notJson(parsed.detail, example);
  if (typeof parsed.value !== "object" || parsed.value === null || Array.isArray(parsed.value)) {
    const found = Array.isArray(parsed.value)
      ? "an array"
      : parsed.value === null
      ? "null"
      : `a ${typeof parsed.value}`;
    return notJson(`it is ${found}`, example);
  }
  const checked = schema.safeParse(parsed.value);
  if (checked.success) return checked.data;
  return faultyBody(checked.error.issues.flatMap((issue) => faultsOf(issue, schema)), example);
}

/** The answer to a body with these faults. */
export function faultyBody(faults: readonly Fault[], example: string): Response {
  const errors = faults.slice(0, FAULTS_MAX);
  const said = errors.slice(0, FAULTS_SAID_MAX).map(({ line, column, detail }) =>
    line === undefined ? detail : `line ${line}, column ${column}: ${detail}`
  );
  const detail = `${said.join("; ")}; expected something like ${example}`;
  return problem({ type: "bad-request", title: "Bad Request", status: 400, detail, errors });
}

function notJson(detail: string, example: string | undefined): Response {
  const hint = example === undefined ? "" : ` such as ${example}`;
  return badBody(`expected a JSON object${hint}, but ${printableLine(detail)}`);
}

function badBody(detail: string): Response {
  return problem({ type: "bad-request", title: "Bad Request", status: 400, detail });
}

function tooLarge(bytesMax: number): Response {
  const detail = `a body may have at most ${bytesMax} bytes here`;
  return problem({
    type: "too-large",
    title: "Content Too Large",
    status: 413,
    detail,
    headers: { connection: "close" },
  });
}

function timedOut(waitMs: number): Response {
  const detail = `the body did not come within ${Math.round(waitMs / 1_000)} s`;
  return problem({ type: "timeout", title: "Request Timeout", status: 408, detail, headers: { connection: "close" } });
}
