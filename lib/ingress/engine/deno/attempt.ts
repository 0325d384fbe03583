/**
 * One try of a request at one replica: over a connection that rests, or a new one. Either the replica's answer goes out
 * to the client, as far as it comes, or it is said why there is none and how much of the request the replica may have
 * seen, which decides whether another one may be tried.
 * @module
 */
import { encodeRequestHead, encodeResponseHead } from "../../../wire/http1/encode.ts";
import type { InterimHead, ResponseHead } from "../../../wire/http1/event.ts";
import { endToEndFields } from "../../../wire/http1/end_to_end.ts";
import type { Candidate } from "../../balance/candidate.ts";
import type { FailedAttempt } from "../../balance/retry_policy.ts";
import { setStickyCookie } from "../../balance/sticky.ts";
import type { ReplicaConnection } from "../../upstream/replica_connection.ts";
import type { Field } from "../../../wire/http1/fields.ts";
import type { CompiledRoute } from "../../routing/compiled_route.ts";
import type { Ending } from "../../seen/access_line.ts";
import { requestFields, switchedFields } from "../edge_fields.ts";
import type { Edge } from "./edge.ts";
import { REASONS } from "./own_answer.ts";
import { type PassedOn, passOn } from "./pass_on.ts";
import type { RouteState } from "./route_state.ts";
import type { ServiceState } from "./service_state.ts";
import { tunnel } from "./tunnel.ts";
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
    const attempted = await try_(visit, given);
    const { kind } = attempted;
    if (kind === "failed" && attempted.failure !== "client gone") row.failed(REASONS[attempted.failure]);
    if (kind !== "failed") outcome = visit.ended === "broken" || visit.ended === "late" ? "failed" : "answered";
    else if (attempted.failure !== "client gone") outcome = "failed";
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

async function try_(visit: Visit, given: Attempt): Promise<Attempted> {
  const { candidate: { endpoint }, edge } = given;
  const rested = edge.pool.take(endpoint);
  if (rested !== undefined) {
    const attempted = await ask(visit, rested, given);
    // That a resting connection has gone stale says nothing about the replica: a new one will.
    const isStale = attempted.kind === "failed" && attempted.failure === "closed" && visit.mayRepeat;
    if (!isStale) return attempted;
  }
  const fresh = await connect(visit, given);
  return fresh === undefined ? failed(visit, "connect", "nothing") : await ask(visit, fresh, given);
}

async function connect(visit: Visit, given: Attempt): Promise<ReplicaConnection | undefined> {
  const { candidate: { endpoint }, edge } = given;
  const abort = new AbortController();
  visit.waitFor(given.route.compiled.connectTimeoutMs, () => abort.abort());
  try {
    return await edge.pool.open(endpoint, { signal: abort.signal });
  } catch (error) {
    // Whatever the system's reason is: there is no connection, and nothing has been sent.
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}

async function ask(visit: Visit, connection: ReplicaConnection, given: Attempt): Promise<Attempted> {
  const { head, origin } = visit;
  const content = visit.content!;
  const { target, route: { compiled }, edge } = given;
  const close = () => connection.close();
  visit.waitFor(content.isComplete ? compiled.timeoutMs : compiled.idleTimeoutMs, close);
  const fields = requestFields(head, origin);
  const bytes = content.after(encodeRequestHead({ method: head.method, target, fields }));
  // Whether an answer comes all the same is for the other direction to see.
  await connection.send(bytes);
  if (!content.isComplete) void pump(visit, connection, compiled);
  const answer = await connection.head(head.method, (interim) => passInterim(interim, visit));
  visit.stopWaiting();
  if (answer === undefined) {
    connection.close();
    const sent = content.isSpent ? "content" : "head";
    if (content.fault !== undefined) return failed(visit, "client gone", sent);
    return failed(visit, connection.hasAnswered ? "malformed" : "closed", sent);
  }
  visit.headMs = edge.now();
  visit.status = answer.status;
  if (answer.framing.kind === "tunnel") return await switchOver(visit, { answer, connection, given });
  return await pass(visit, { answer, connection, given });
}

/** Passes the content on while the answer may already come; the answer's time begins when all of it is there. */
async function pump(visit: Visit, connection: ReplicaConnection, compiled: CompiledRoute): Promise<void> {
  const content = visit.content!;
  const sent = await content.pump(connection, {
    toReplica: () => visit.waitFor(compiled.idleTimeoutMs, () => connection.close()),
    toClient: () => visit.stopWaiting(),
  });
  if (sent === "sent" && visit.headMs === undefined) visit.waitFor(compiled.timeoutMs, () => connection.close());
}

async function passInterim({ status, reason, fields }: InterimHead, { head, client }: Visit): Promise<void> {
  if (head.version === "1.0" || (status === 100 && !head.expectContinue)) return;
  await client.send(encodeResponseHead({ status, reason, fields: endToEndFields(fields) }));
}

interface Answered {
  answer: ResponseHead;
  connection: ReplicaConnection;
  given: Attempt;
}

async function pass(visit: Visit, { answer, connection, given }: Answered): Promise<Attempted> {
  const { head, client } = visit;
  const content = visit.content!;
  const { candidate: { endpoint }, route: { compiled }, edge } = given;
  const isStream = edge.isEventStream(answer);
  const idleMs = isStream ? compiled.tunnelTimeoutMs : compiled.idleTimeoutMs;
  const mayGoOn = head.keepAlive && content.isComplete && edge.goesOn(client);
  const close = () => connection.close();
  const passed: PassedOn = await passOn({
    request: head,
    answer,
    from: connection,
    to: client,
    keepAlive: mayGoOn,
    added: addedTo(visit, given),
    onWait: () => visit.waitFor(idleMs, close),
  });
  if (passed === "whole" && answer.keepAlive && content.isComplete && connection.isFree) {
    edge.pool.give(endpoint, connection);
  } else {
    connection.close();
  }
  if (passed === "unreadable") return failed(visit, "malformed", "content");
  visit.ended = endingOf(passed, visit);
  const isDelimited = answer.framing.kind !== "close" || head.version === "1.1";
  const isDechunked = answer.framing.kind === "chunked" && head.version === "1.0";
  return passed === "whole" && mayGoOn && isDelimited && !isDechunked ? GOES_ON : ENDS;
}

function endingOf(passed: PassedOn, { cutBy }: Visit): Ending {
  if (passed === "whole") return "answered";
  if (passed === "broken by client") return "client left";
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
  return added;
}

/** The connection becomes what client and replica agreed on; what it carries from now on is theirs. */
async function switchOver(visit: Visit, { answer, connection, given }: Answered): Promise<Attempted> {
  const { client } = visit;
  const fields = [...switchedFields(answer), ...addedTo(visit, given)];
  const early = connection.handOver();
  const head = encodeResponseHead({ status: answer.status, reason: answer.reason, fields });
  if (!await client.send(head)) {
    connection.close();
    visit.ended = "client left";
    return ENDS;
  }
  given.route.row.add("websockets");
  visit.ended = await tunnel({ client, connection, early, visit, idleMs: given.route.compiled.tunnelTimeoutMs });
  given.route.row.add("websockets", -1);
  return ENDS;
}

/** What a wait was cut by says more than what was seen of it. */
function failed(visit: Visit, seen: Failure, sent: FailedAttempt["sent"]): Attempted {
  const isLate = visit.cutBy === "late" && seen !== "connect";
  visit.cutBy = undefined;
  return { kind: "failed", failure: isLate ? "late" : seen, sent };
}
