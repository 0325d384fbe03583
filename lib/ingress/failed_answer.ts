/**
 * What a client is told when no replica has answered it. The types are stable: a program may go by them.
 * @module
 */
import { problem } from "../wire/problem.ts";
import type { Failure } from "./failure.ts";

/** Nobody could be asked. */
export function noReadyReplica(service: string): Response {
  const detail = `service "${service}" has no ready replica now: scale it, or look at /status for what keeps it`;
  const headers = { "retry-after": "1" };
  return problem({ type: "no-ready-replica", title: "Service Unavailable", status: 503, detail, headers });
}

/** Whoever was asked gave no answer. */
export function failedAnswer(failure: Failure): Response {
  switch (failure) {
    case "connect":
      return badGateway("unreachable-replica", "the replica can't be connected to; nothing was sent");
    case "closed":
      return badGateway("no-answer", "the replica closed the connection before it answered; it may have acted");
    case "malformed":
      return badGateway("malformed-answer", "the replica's answer can't be read, or the request broke off");
    case "late": {
      const detail = "the replica took too long to begin its answer; it may have acted";
      return problem({ type: "late-answer", title: "Gateway Timeout", status: 504, detail });
    }
    case "gone": {
      const detail = "the client has gone";
      return problem({ type: "client-gone", title: "Client Closed Request", status: 499, detail });
    }
  }
}

function badGateway(type: string, detail: string): Response {
  return problem({ type, title: "Bad Gateway", status: 502, detail });
}
