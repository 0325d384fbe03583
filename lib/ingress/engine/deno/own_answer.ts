/**
 * What the ingress says itself, where no replica's answer goes out: an error, in the form that the client likes best, or
 * the way to another address.
 * @module
 */
import { judgeFields } from "../../../wire/http1/encode.ts";
import type { ErrorEvent, Framing, RequestHead } from "../../../wire/http1/event.ts";
import { type Field, fieldValue, NO_FIELDS } from "../../../wire/http1/fields.ts";
import type { FailedAttempt } from "../../balance/retry_policy.ts";
import { errorPage } from "../../seen/error_page.ts";
import { type ErrorReason, reasonOfStatus } from "../../seen/error_reason.ts";
import type { Asker } from "./asker.ts";

export type OwnAnswer =
  | { kind: "redirect"; status: number; location: string }
  | { kind: "error"; reason: ErrorReason; detail?: string; retryAfterMs?: number };

export interface OwnAnswerOptions {
  /** Undefined where it could not be read. */
  head: Pick<RequestHead, "method" | "fields"> | undefined;
  keepAlive: boolean;
  requestId?: string | undefined;
}

/** What a failed attempt is called where people and programs read of it. */
export const REASONS: Readonly<Record<FailedAttempt["failure"], ErrorReason>> = {
  connect: "unreachable-replica",
  closed: "no-answer",
  malformed: "malformed-answer",
  late: "late-answer",
};

export function errorAnswer(
  reason: ErrorReason,
  options: { detail?: string; retryAfterMs?: number } = {},
): Extract<OwnAnswer, { kind: "error" }> {
  return { kind: "error", reason, ...options };
}

/** What is said of a replica that gave no answer. */
export function failureAnswer(failure: FailedAttempt["failure"]): OwnAnswer {
  return errorAnswer(REASONS[failure]);
}

/** A status by which the HTTP/1.1 machine refuses a request, as a reason. */
export function refusal({ status, detail }: ErrorEvent): OwnAnswer {
  if (status === 502) throw new TypeError(`Cannot refuse a request with ${status}: that is for answers`);
  return errorAnswer(reasonOfStatus(status), { detail });
}

/** Gives an answer; nothing has gone out before it is flushed. Returns its status. */
export function giveOwnAnswer(
  answer: OwnAnswer,
  asker: Asker,
  { head, keepAlive, requestId }: OwnAnswerOptions,
): number {
  const { status, fields, body } = answer.kind === "redirect" ? redirection(answer) : errorPage(answer.reason, {
    ...withoutUndefined({ accept: head && fieldValue(head.fields, "accept"), requestId }),
    ...withoutUndefined({ detail: answer.detail, retryAfterMs: answer.retryAfterMs }),
  });
  const all: Field[] = [...fields, ["Content-Length", String(body.length)]];
  judgeFields(all);
  const isBodiless = head?.method === "HEAD" || body.length === 0;
  const framing: Framing = isBodiless ? { kind: "none" } : { kind: "length", bytes: body.length };
  asker.begin({ status, fields: all, framing, keepAlive });
  if (!isBodiless) asker.data(body);
  asker.end(NO_FIELDS);
  return status;
}

function redirection({ status, location }: Extract<OwnAnswer, { kind: "redirect" }>) {
  const fields: Field[] = [["Location", location]];
  return { status, fields, body: new Uint8Array(0) };
}

/** Options that are not given are left out. */
function withoutUndefined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
