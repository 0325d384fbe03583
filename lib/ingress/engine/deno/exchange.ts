/**
 * One request and its answer: finds the route, chooses a replica, sends the request there and passes the answer back;
 * tries another replica where that may be done, waits in line where none can take it, and answers itself where nobody
 * else does. Resolves to whether the client's connection goes on.
 * @module
 */
import type { RequestHead } from "../../../wire/http1/event.ts";
import { fieldValue } from "../../../wire/http1/fields.ts";
import type { Candidate } from "../../balance/candidate.ts";
import type { Ask } from "../../balance/choice.ts";
import { hashKeyOf } from "../../balance/hash_key.ts";
import { type FailedAttempt, mayTryAgain } from "../../balance/retry_policy.ts";
import { readStickyName } from "../../balance/sticky.ts";
import { hostName } from "../../routing/host_name.ts";
import type { Match } from "../../routing/route_table.ts";
import { limitKeyOf } from "../../seen/peer_address.ts";
import { attempt } from "./attempt.ts";
import type { Asker } from "./asker.ts";
import type { Edge } from "./edge.ts";
import { errorAnswer, failureAnswer, giveOwnAnswer, type OwnAnswer } from "./own_answer.ts";
import { RequestContent } from "./request_content.ts";
import type { RouteState } from "./route_state.ts";
import type { ServiceState } from "./service_state.ts";
import type { Visit } from "./visit.ts";

export async function exchange(head: RequestHead, asker: Asker, edge: Edge): Promise<boolean> {
  const visit = edge.begin(head, asker);
  try {
    const given = await respond(visit, edge);
    return given === "goes on" || (given !== "ends" && await answerHere(visit, given));
  } finally {
    edge.end(visit);
  }
}

/** What came of a request: a replica's answer that has gone out, or what is to be said here. */
type Response = "goes on" | "ends" | OwnAnswer;

function respond(visit: Visit, edge: Edge): Promise<Response> | Response {
  const { head: { method, path, fields, authority }, origin, asker } = visit;
  if (method === "CONNECT" || method === "TRACE") {
    return errorAnswer("method-refused", { detail: `${method} is not passed on to replicas` });
  }
  // The client was shown a certificate of another host (RFC 9110 §7.4).
  if (asker.covers?.(hostName(authority)) === false) return errorAnswer("misdirected");
  const question = { authority: origin.host, path, fields, isTls: origin.scheme === "https" };
  const match = edge.routes.match(question, edge.chance);
  switch (match.kind) {
    case "none":
      return errorAnswer("no-route");
    case "ambiguous":
      return errorAnswer("bad-request", { detail: match.detail });
    case "redirect":
      return match;
    case "forward":
      return enter(visit, match, edge);
  }
}

/** Lets a request in, if its route has room for it. */
async function enter(visit: Visit, match: Extract<Match, { kind: "forward" }>, edge: Edge): Promise<Response> {
  const route = edge.stateOf(match.route);
  visit.route = route;
  const { in_flight_max = Infinity } = match.route.route;
  if (route.inFlight >= in_flight_max) return errorAnswer("in-flight-limit");
  const retryAfterMs = rateLimited(visit, route, edge);
  if (retryAfterMs > 0) return errorAnswer("rate-limited", { retryAfterMs });
  route.inFlight++;
  route.row.add("requests_in_flight");
  try {
    return await forward(visit, { target: match.target, route, edge });
  } finally {
    route.inFlight--;
    route.row.add("requests_in_flight", -1);
  }
}

/** After how long a request may come again whose limit is used up; 0 when it may pass. */
function rateLimited({ head, origin }: Visit, { buckets, compiled: { rate } }: RouteState, edge: Edge): number {
  if (buckets === undefined || rate === undefined) return 0;
  const nowMs = edge.now();
  const [by, name = ""] = rate.by.split(":");
  if (by === "route") return buckets.take("", nowMs);
  if (by === "header") return buckets.take(fieldValue(head.fields, name.toLowerCase()) ?? "", nowMs);
  return buckets.take(limitKeyOf(origin.address), nowMs);
}

interface Way {
  target: string;
  route: RouteState;
  edge: Edge;
}

async function forward(visit: Visit, way: Way): Promise<Response> {
  const { asker } = visit;
  const { edge, route: { compiled: { service: name, totalTimeoutMs } } } = way;
  const content = new RequestContent(asker, { bytesMax: edge.limits.wholeBytesMax });
  if (content.fault !== undefined) return errorAnswer("bad-request", { detail: content.fault });
  visit.content = content;
  if (totalTimeoutMs !== undefined) visit.totalDueMs = visit.sinceMs + totalTimeoutMs;
  const service = edge.serviceOf(name);
  service.budget.deposit();
  let failure: OwnAnswer | undefined;
  for (;;) {
    const candidate = await replicaFor(visit, { service, way });
    if ("kind" in candidate) return failure ?? candidate;
    const attempted = await attempt(visit, { candidate, service, ...way });
    if (attempted.kind !== "failed") return attempted.kind;
    const { failure: how, sent } = attempted;
    // It may still listen, and then learns why.
    if (how === "client gone") {
      return content.fault === undefined ? "ends" : errorAnswer("bad-request", { detail: content.fault });
    }
    failure = failureAnswer(how);
    visit.tried.push(candidate.endpoint.replica);
    if (!mayGoElsewhere(visit, { failure: how, sent }, { service, way })) return failure;
    visit.retries++;
    way.route.row.add("retries_total");
  }
}

function mayGoElsewhere(
  { head: { method }, retries, totalDueMs }: Visit,
  { failure, sent }: Pick<FailedAttempt, "failure" | "sent">,
  { service: { budget }, way: { route, edge } }: { service: ServiceState; way: Way },
): boolean {
  const nowMs = edge.now();
  if (nowMs >= totalDueMs) return false;
  const retriesMax = route.compiled.route.retries;
  return mayTryAgain({ failure, method, sent, retries }, { retriesMax, budget, nowMs });
}

/** The replica whose turn it is; waits for one where none is ready, or all have what they can take. */
async function replicaFor(
  visit: Visit,
  { service, way: { route, edge } }: { service: ServiceState; way: Way },
): Promise<Candidate | OwnAnswer> {
  for (;;) {
    const choice = service.pick(route.policy, questionOf(visit, route, edge));
    if (choice.kind === "picked") return choice.candidate;
    const waited = await service.wait(visit, { route, nowMs: edge.now() });
    if (waited === "full") return errorAnswer("queue-full");
    if (waited === "late") return choice.kind === "full" ? errorAnswer("queue-timeout") : noReplica(service);
    // What was tried may be another process by now, in the same place.
    if (waited === "anew") visit.tried.length = 0;
  }
}

/** What is asked of the balance on behalf of a request. */
function questionOf(visit: Visit, { policy: { hashBy, sticky } }: RouteState, edge: Edge): Ask {
  const { head: { fields }, origin, tried } = visit;
  visit.stickyName = sticky && readStickyName(fields, sticky);
  const key = hashBy && hashKeyOf(hashBy, { fields, source: origin.address });
  return { nowMs: edge.now(), chance: edge.chance, exclude: tried, key, stickyName: visit.stickyName };
}

function noReplica({ name }: ServiceState): OwnAnswer {
  return errorAnswer("no-ready-replica", { detail: `service "${name}" has no ready replica now` });
}

async function answerHere(visit: Visit, answer: OwnAnswer): Promise<boolean> {
  const { head, asker } = visit;
  // What has not been read of the content would be taken for the next request.
  const isClean = head.framing.kind === "none" || visit.content?.isComplete === true;
  const keepAlive = head.keepAlive && isClean && asker.goesOn;
  visit.status = giveOwnAnswer(answer, asker, { head, keepAlive, requestId: visit.names?.requestId });
  visit.ended = "own answer";
  if (answer.kind === "error") visit.route?.row.failed(answer.reason);
  return await asker.flush() && keepAlive;
}
