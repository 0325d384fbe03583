/**
 * Whether a request that got no answer may be tried at another replica. Nothing with side effects is ever sent twice:
 * what counts is how much of it may have arrived. Retries cost the failing service most when it has the least to spare,
 * so that each route bounds those of one request, and a budget those of all.
 * @module
 */
import type { RetryBudget } from "./retry_budget.ts";

/** Methods that have the effect of one request however often they are sent (RFC 9110 §9.2.2); case matters. */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** An attempt of which nothing was passed back to the client. */
export interface FailedAttempt {
  readonly failure:
    /** No connection came about, in time or at all. */
    | "connect"
    /** The connection ended before a byte of an answer. */
    | "closed"
    /** What came can't be read as an answer. */
    | "malformed"
    /** Nothing came in time. */
    | "late";
  readonly method: string;
  /** What the replica may have of the request, be it a single byte. Content is passed on as it comes, and not kept. */
  readonly sent: "nothing" | "head" | "content";
  /** How often this request was tried again already. */
  readonly retries: number;
}

export interface RetryLimits {
  /** Of one request. */
  readonly retriesMax: number;
  /** Of all requests; asked last, as it pays by asking. */
  readonly budget: Pick<RetryBudget, "spend">;
  readonly nowMs: number;
}

/** Whether to try again; if so, it is paid for. */
export function mayTryAgain(attempt: FailedAttempt, { retriesMax, budget, nowMs }: RetryLimits): boolean {
  if (attempt.retries >= retriesMax || !isRetriable(attempt)) return false;
  // What no replica has had costs none of them anything; else a burst at one that has just died would use up the budget.
  return attempt.sent === "nothing" || budget.spend(nowMs);
}

/** An answer that is late or can't be read was worked for: the next replica would only have the same work again. */
function isRetriable({ failure, method, sent }: FailedAttempt): boolean {
  if (failure !== "connect" && failure !== "closed") return false;
  return isRepeatable(method, sent);
}

/** Whether sending it once more can do no harm. Also for a pooled connection that turns out to have been closed. */
export function isRepeatable(method: string, sent: FailedAttempt["sent"]): boolean {
  return sent === "nothing" || (sent === "head" && IDEMPOTENT.has(method));
}
