/**
 * Every answer that the ingress makes itself because it can't pass on what was asked, in one table: the status, and what
 * whoever reads it should know. The names are stable, the types of problems (`error_page.ts`) and the `reason` of the
 * metrics: a program may go by them.
 * @module
 */
import type { ErrorStatus } from "../../wire/http1/event.ts";

interface Reason {
  readonly status: number;
  readonly detail: string;
  /** Whether the same request may go well in a moment. */
  readonly isPassing?: boolean;
}

/** What is wrong with the request. */
const OF_THE_CLIENT = {
  "bad-request": { status: 400, detail: "the request is not valid HTTP" },
  "no-route": { status: 404, detail: "no route of any service takes this host and path" },
  "method-refused": { status: 405, detail: "the ingress opens no connections for its clients: CONNECT is refused" },
  "request-timeout": { status: 408, detail: "the request did not arrive in time" },
  "content-too-large": { status: 413, detail: "the request's content is larger than is allowed here" },
  "target-too-long": { status: 414, detail: "the request's target is longer than is allowed here" },
  "unmet-expectation": { status: 417, detail: "the only expectation that can be met is 100-continue" },
  "misdirected": { status: 421, detail: "this connection was not made for that host: open another one" },
  "rate-limited": { status: 429, detail: "too many requests have come: wait before the next one", isPassing: true },
  "fields-too-large": { status: 431, detail: "the request's fields are larger than is allowed here" },
  "client-gone": { status: 499, detail: "the client has gone" },
  "not-implemented": { status: 501, detail: "the request's transfer coding is not known here" },
  "unknown-version": { status: 505, detail: "that version of HTTP is not spoken here" },
} as const satisfies Record<string, Reason>;

/** What is wrong behind the ingress, or with how much it has to do. */
const OF_THE_SERVICE = {
  "unreachable-replica": { status: 502, detail: "the replica can't be connected to; nothing was sent" },
  "no-answer": { status: 502, detail: "the replica closed the connection before it answered; it may have acted" },
  "malformed-answer": { status: 502, detail: "the replica's answer can't be read" },
  "no-ready-replica": { status: 503, detail: "the service has no ready replica now", isPassing: true },
  "queue-timeout": { status: 503, detail: "no replica could take the request in time", isPassing: true },
  "queue-full": { status: 503, detail: "too many requests wait for a replica already", isPassing: true },
  "in-flight-limit": { status: 503, detail: "as many requests as allowed are under way", isPassing: true },
  "stopping": { status: 503, detail: "this ingress is about to stop: connect again", isPassing: true },
  "late-answer": { status: 504, detail: "the replica took too long to begin its answer; it may have acted" },
  "late-end": { status: 504, detail: "the request took longer than it may in all; it may have been acted on" },
} as const satisfies Record<string, Reason>;

/** The reasons by their names. */
const ERROR_REASONS = { ...OF_THE_CLIENT, ...OF_THE_SERVICE } satisfies Record<string, Reason>;

export type ErrorReason = keyof typeof ERROR_REASONS;

/** In their order in the table. */
export const ERROR_REASON_NAMES = Object.keys(ERROR_REASONS) as ErrorReason[];

/** The names of the statuses above. */
const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  414: "URI Too Long",
  417: "Expectation Failed",
  421: "Misdirected Request",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  499: "Client Closed Request",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
};

/** What is to be said of a reason. */
export function reasonOf(name: ErrorReason): Required<Reason> & { title: string } {
  const reason: Reason = ERROR_REASONS[name];
  return { isPassing: false, ...reason, title: TITLES[reason.status] ?? "Error" };
}

/** The reason for a refusal by the HTTP/1.1 machine, or by a limit, that is known by its status alone. */
export function reasonOfStatus(status: Exclude<ErrorStatus, 502> | 408 | 413): ErrorReason {
  const name = ERROR_REASON_NAMES.find((one) => ERROR_REASONS[one].status === status);
  return name ?? "bad-request";
}
