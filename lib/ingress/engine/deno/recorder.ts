/**
 * Notes every request that has ended: in the metrics of its route, and as a line of the access log where one is kept.
 * @module
 */
import { fieldValue } from "../../../wire/http1/fields.ts";
import type { Access } from "../../seen/access_line.ts";
import type { AccessLog } from "../../seen/access_log.ts";
import type { Visit } from "./visit.ts";

export interface RecorderOptions {
  accessLog: AccessLog | undefined;
  wall: () => number;
}

export class Recorder {
  readonly #options: RecorderOptions;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  note(visit: Visit, nowMs: number): void {
    const { accessLog, wall } = this.#options;
    const { route, status, headMs, sinceMs, asker } = visit;
    const durationMs = nowMs - sinceMs;
    const received = asker.received - visit.receivedBefore;
    const sent = asker.sent - visit.sentBefore;
    if (route !== undefined) {
      route.row.answered(status, durationMs);
      route.row.passed(received, sent);
      if (headMs !== undefined) route.row.head(headMs - sinceMs);
      if (visit.ended === "broken" || visit.ended === "late") route.row.failed("broken-off");
    }
    if (accessLog !== undefined) {
      accessLog.note(accessOf(visit, { time: wall() - durationMs, durationMs, received, sent }));
    }
  }
}

interface Measured {
  time: number;
  durationMs: number;
  received: number;
  sent: number;
}

function accessOf(visit: Visit, { time, durationMs, received, sent }: Measured): Access {
  const { head, origin, route, candidate, headMs } = visit;
  const referer = fieldValue(head.fields, "referer");
  const userAgent = fieldValue(head.fields, "user-agent");
  return {
    time,
    peer: origin.address,
    method: head.method,
    target: head.target,
    host: origin.host,
    protocol: visit.asker.protocol,
    status: visit.status,
    bytesIn: received,
    bytesOut: sent,
    durationMs,
    tries: visit.tried.length + (candidate === undefined || visit.tried.includes(candidate.endpoint.replica) ? 0 : 1),
    ended: visit.ended,
    ...(headMs !== undefined && { headMs: headMs - visit.sinceMs }),
    ...(route !== undefined && { route: route.compiled.id, service: route.compiled.service }),
    ...(candidate !== undefined && { replica: candidate.endpoint.replica, node: candidate.endpoint.node }),
    ...(visit.names !== undefined && { requestId: visit.names.requestId, traceId: visit.names.traceId }),
    ...(referer !== undefined && { referer }),
    ...(userAgent !== undefined && { userAgent }),
  };
}
