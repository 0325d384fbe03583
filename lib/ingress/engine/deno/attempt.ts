/**
 * One try of a request at one replica: over a connection that rests, or a new one. Either the replica's answer goes out
 * to the client, as far as it comes, or it is said why there is none and how much of the request the replica may have
 * seen, which decides whether another one may be tried.
 * @module
 */
import { judgeFields } from "../../../wire/http1/encode.ts";
import type { InterimHead, ResponseHead } from "../../../wire/http1/event.ts";
import type { Field } from "../../../wire/http1/fields.ts";
import type { Candidate } from "../../balance/candidate.ts";
import type { FailedAttempt } from "../../balance/retry_policy.ts";
import { setStickyCookie } from "../../balance/sticky.ts";
import type { CompiledRoute } from "../../routing/compiled_route.ts";
import type { Ending } from "../../seen/access_line.ts";
import { interimFields, requestFields, upgradeOf } from "../edge_fields.ts";
import type { Edge } from "./edge.ts";
import { Http2Replica } from "./http2_replica.ts";
import { Http1Replica } from "./http1_replica.ts";
import { REASONS } from "./own_answer.ts";
import { type PassedOn, passOn } from "./pass_on.ts";
import type { ReplicaSide } from "./replica_side.ts";
import type { RouteState } from "./route_state.ts";
import type { ServiceState } from "./service_state.ts";
import { switchOver } from "./tunnel.ts";
import type { Visit } from "./visit.ts";

/** Why there is no answer. */
export type Failure = FailedAttempt["failure"] | "client gone";

export type Attempted =
  /** It has gone out, and the client's connection goes on, or not. */
  | { kind: "goes on" | "ends" }
  /** `sent`: how much the replica may have seen of the request. What has been kept of its content counts as its head. */
  | { kind: "failed"; failure: Failure; sent: FailedAttempt["sent"] };

export interface Attempt {
  candidate: Candidate;
  service: ServiceState;
  route: RouteState;
  target: string;
  edge: Edge;
}

const GOES_ON: Attempted = { kind: "goes on" };
const ENDS: Attempted = { kind: "ends" };

export async function attempt(visit: Visit, given: Attempt): Promise<Attempted> {
  const { candidate, service, route, edge } = given;
  const { endpoint } = candidate;
  visit.candidate = candidate;
  const row = edge.metrics.slot(service.name, endpoint.slot);
  row.add("replica_requests_in_flight");
  service.begin(candidate);
  edge.holds.keep(endpoint);
  // A host that is lost closes no connection.
  const leave = edge.attendance.attend(endpoint.replica, (how) => how === "lost" && visit.cut("lost"));
  const sinceMs = edge.now();
  let outcome: "answered" | "failed" | "left" = "left";
  try {
    const attempted = await tryOnce(visit, given);
    outcome = outcomeOf(attempted, visit);
    if (attempted.kind === "failed" && attempted.failure !== "client gone") row.failed(REASONS[attempted.failure]);
    return attempted;
  } finally {
    leave();
    visit.stopWaiting();
    const nowMs = edge.now();
    const tookMs = (visit.headMs ?? nowMs) - sinceMs;
    row.add("replica_requests_in_flight", -1);
    if (visit.headMs !== undefined) row.answered(visit.status, tookMs);
    const isEjected = service.end(candidate, { nowMs, tookMs, outcome, policy: route.policy });
    if (isEjected) row.add("replica_ejections_total");
  }
}

function outcomeOf(attempted: Attempted, { ended }: Visit): "answered" | "failed" | "left" {
  if (attempted.kind !== "failed") return ended === "broken" || ended === "late" ? "failed" : "answered";
  return attempted.failure === "client gone" ? "left" : "failed";
}

async function tryOnce(visit: Visit, given: Attempt): Promise<Attempted> {
  const { candidate: { endpoint }, route: { compiled }, edge: { pool } } = given;
  const rested = compiled.route.protocol === "http1" ? pool.take(endpoint) : undefined;
  if (rested !== undefined) {
    const attempted = await ask(visit, new Http1Replica(rested, { pool, endpoint }), given);
    // That a resting connection has gone stale says nothing about the replica: a new one will.
    const isStale = attempted.kind === "failed" && attempted.failure === "closed" && visit.mayRepeat;
    if (!isStale) return attempted;
  }
  const fresh = await connect(visit, given);
  return fresh === undefined ? failed(visit, "connect", "nothing") : await ask(visit, fresh, given);
}

async function connect(visit: Visit, given: Attempt): Promise<ReplicaSide | undefined> {
  const { candidate: { endpoint }, route: { compiled }, edge: { pool, sessions } } = given;
  const abort = new AbortController();
  const { signal } = abort;
  visit.waitFor(compiled.connectTimeoutMs, () => abort.abort());
  try {
    if (compiled.route.protocol === "h2c") return new Http2Replica(await sessions.open(endpoint, { signal }));
    return new Http1Replica(await pool.open(endpoint, { signal }), { pool, endpoint });
  } catch (error) {
    // Whatever the system's reason is: there is no connection, and nothing has been sent.
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}

async function ask(visit: Visit, replica: ReplicaSide, given: Attempt): Promise<Attempted> {
  const { head, origin } = visit;
  const content = visit.content!;
  const { target, route: { compiled }, edge } = given;
  visit.waitFor(content.isComplete ? compiled.timeoutMs : compiled.idleTimeoutMs, () => replica.close());
  const { method, authority, framing } = head;
  const fields = requestFields(head, origin, visit.names?.fields);
  await replica.ask({ method, target, authority, framing, fields, content: content.early });
  if (!content.isComplete) void pump(visit, replica, compiled);
  const answer = await replica.head((interim) => passInterim(interim, visit));
  visit.stopWaiting();
  // A switch that nobody has asked for is no answer.
  if (answer === undefined || (answer.framing.kind === "tunnel" && upgradeOf(head) === undefined)) {
    replica.close();
    const sent = content.isSpent ? "content" : "head";
    if (content.fault !== undefined) return failed(visit, "client gone", sent);
    return failed(visit, replica.hasAnswered ? "malformed" : "closed", sent);
  }
  visit.headMs = edge.now();
  visit.status = answer.status;
  if (answer.framing.kind !== "tunnel") return await pass(visit, { answer, replica, given });
  given.route.row.add("websockets");
  visit.ended = await switchOver(visit, {
    answer,
    replica,
    added: addedTo(visit, given),
    idleMs: compiled.tunnelTimeoutMs,
  });
  given.route.row.add("websockets", -1);
  return ENDS;
}

/** Passes the content on while the answer may already come; the answer's time begins when all of it is there. */
async function pump(visit: Visit, replica: ReplicaSide, compiled: CompiledRoute): Promise<void> {
  const close = () => replica.close();
  const isSent = await visit.content!.pump(replica, {
    toReplica: () => visit.waitFor(compiled.idleTimeoutMs, close),
    toClient: () => visit.stopWaiting(),
  });
  if (isSent && visit.headMs === undefined) visit.waitFor(compiled.timeoutMs, close);
}

async function passInterim({ status, reason, fields }: InterimHead, { head, asker }: Visit): Promise<void> {
  if (head.version === "1.0" || (status === 100 && !head.expectContinue)) return;
  await asker.interim({ status, reason, fields: interimFields(fields) });
}

interface Answered {
  answer: ResponseHead;
  replica: ReplicaSide;
  given: Attempt;
}

async function pass(visit: Visit, { answer, replica, given }: Answered): Promise<Attempted> {
  const { head, asker } = visit;
  const content = visit.content!;
  const { route: { compiled }, edge } = given;
  const idleMs = edge.isEventStream(answer) ? compiled.tunnelTimeoutMs : compiled.idleTimeoutMs;
  const keepAlive = head.keepAlive && content.isComplete && asker.goesOn;
  const passed = await passOn({
    answer,
    from: replica,
    to: asker,
    keepAlive,
    added: addedTo(visit, given),
    onWait: () => visit.waitFor(idleMs, () => replica.close()),
  });
  if (passed === "whole") replica.done({ isSent: content.isComplete, keepAlive: answer.keepAlive });
  else replica.close();
  if (passed === "unreadable") return failed(visit, "malformed", "content");
  visit.ended = endingOf(passed, visit);
  return passed === "whole" && keepAlive && asker.goesOn ? GOES_ON : ENDS;
}

function endingOf(passed: PassedOn, { cutBy }: Visit): Ending {
  if (passed === "whole") return "answered";
  if (passed === "broken by client" || cutBy === "gone") return "client left";
  return cutBy === "late" ? "late" : "broken";
}

/** What the edge says beside the replica. */
function addedTo({ origin, stickyName }: Visit, { candidate, route: { policy, compiled } }: Attempt): Field[] {
  const added: Field[] = [];
  if (policy.sticky !== undefined && stickyName !== candidate.stickyName) {
    added.push(["Set-Cookie", setStickyCookie(policy.sticky, candidate, { overTls: origin.scheme === "https" })]);
  }
  if (compiled.hstsSeconds !== undefined && origin.scheme === "https") {
    added.push(["Strict-Transport-Security", `max-age=${compiled.hstsSeconds}`]);
  }
  judgeFields(added);
  return added;
}

/** What a wait was cut by says more than what was seen of it. */
function failed(visit: Visit, seen: Failure, sent: FailedAttempt["sent"]): Attempted {
  const { cutBy } = visit;
  visit.cutBy = undefined;
  if (cutBy === "gone") return { kind: "failed", failure: "client gone", sent };
  return { kind: "failed", failure: cutBy === "late" && seen !== "connect" ? "late" : seen, sent };
}
