/**
 * How the agent gets its papers: once with a join token, and again and again with the papers that it has, when half of
 * their time is over. A new key each time: what somebody may have copied is worth nothing a day later.
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import { toldBy } from "../../runtime/told.ts";
import { type JoinRequest, NodePapers, type RenewRequest } from "../../wire/join.ts";
import type { JoinToken } from "../../wire/join_token.ts";
import { Problem } from "../../wire/problem.ts";
import { PROTOCOL, PROTOCOL_HEADER, type Registration } from "../../wire/protocol.ts";
import type { Bell } from "../bell.ts";
import { JoinRefused } from "./join_refused.ts";
import type { Papers } from "./papers_file.ts";
import { pinAuthority } from "./pin_authority.ts";

const ANSWER_MS = 10_000;
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 30_000;
/** A long wait is cut into parts: a host that slept notices soon after. */
const WAIT_MAX_MS = 60_000;
/** Papers are not renewed again sooner than this, whatever the controller asks for. */
const REST_MS = 1_000;

const log = getLog("identity");

export interface JoinOptions {
  controller: URL;
  token: JoinToken;
  registration: Registration;
  clock: Clock;
  signal: AbortSignal;
}

/** Joins, however long the controller can't be reached. Rejects with a `JoinRefused` when that is no use. */
export async function join(options: JoinOptions): Promise<Papers> {
  const { controller, clock, signal } = options;
  for (let failures = 0;; failures++) {
    try {
      return await joinOnce(options);
    } catch (error) {
      if (!(error instanceof Error) || error instanceof JoinRefused || signal.aborted) throw error;
      if (failures === 0) {
        log.warn("Cannot join yet: trying on", { controller: controller.origin, problem: toldBy(error) });
      }
      await clock.sleep(Math.min(RETRY_MS * 2 ** failures, RETRY_MAX_MS), { signal });
    }
  }
}

/** Joins now or not at all. */
export async function joinOnce({ controller, token, registration, clock, signal }: JoinOptions): Promise<Papers> {
  const certificate = await pinAuthority(controller, token.authority);
  const { id, secret } = token;
  const ask = (signing_request: string): JoinRequest => ({ id, secret, signing_request, registration });
  const via = { controller, trusted: [certificate], clock, signal };
  return { ...await papersBy(ask, { path: "/v1/join", credential: undefined, ...via }), joined_with: id };
}

export interface RenewOptions {
  controller: URL;
  /** Where this agent is reached. */
  url: string;
  papers: () => Papers;
  /** Joins anew, where there is an invitation that these papers did not come by: for a node that was removed. */
  rejoin: (() => Promise<Papers>) | undefined;
  /** Takes the new papers into use. */
  onRenewed: (papers: Papers) => Promise<void>;
  /** Rung when the papers are to be renewed at once: they are not what the cluster goes by now. */
  bell: Bell;
  clock: Clock;
  signal: AbortSignal;
}

/** Renews the papers whenever half of their time is over or the bell is rung, until the signal is aborted. */
export async function keepRenewed(options: RenewOptions): Promise<void> {
  const { bell, clock, signal, papers, rejoin } = options;
  let failures = 0;
  // Whether this node was removed is found out at once where there is a way back.
  let wanted = rejoin !== undefined;
  let triedMs = -Infinity;
  while (!signal.aborted) {
    const dueMs = wanted ? 0 : halfTimeOf(papers()) - clock.wall();
    const pauseMs = failures === 0 ? REST_MS : Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MAX_MS);
    const waitMs = Math.max(dueMs, triedMs + pauseMs - clock.now());
    if (waitMs > 0) {
      wanted = await bell.sleep(Math.min(waitMs, WAIT_MAX_MS), { clock, signal }) || wanted;
      continue;
    }
    const renewed = await renewOnce(options);
    triedMs = clock.now();
    failures = renewed ? 0 : failures + 1;
    wanted &&= !renewed;
  }
}

async function renewOnce(options: RenewOptions): Promise<boolean> {
  const { papers, onRenewed, signal } = options;
  try {
    await onRenewed(await renewedPapers(options));
    log.info("Renewed this node's certificate and credentials");
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { expires_at } = papers();
    if (!signal.aborted) log.warn("Cannot renew this node's papers: trying on", { expires_at, problem: toldBy(error) });
    return false;
  }
}

async function renewedPapers({ controller, url, papers, rejoin, clock, signal }: RenewOptions): Promise<Papers> {
  const { credential, trusted, joined_with } = papers();
  try {
    const ask = (signing_request: string): RenewRequest => ({ signing_request, url });
    const via = { controller, trusted: trusted.map(({ certificate }) => certificate), clock, signal };
    return { ...await papersBy(ask, { path: "/v1/renew", credential, ...via }), ...(joined_with && { joined_with }) };
  } catch (error) {
    if (!(error instanceof JoinRefused) || rejoin === undefined) throw error;
    log.info("This node was removed from its cluster: joining again with the new join token");
    return await rejoin();
  }
}

function halfTimeOf({ issued_at, expires_at }: Papers): number {
  return (Date.parse(issued_at) + Date.parse(expires_at)) / 2;
}

interface Via {
  controller: URL;
  path: string;
  trusted: string[];
  credential: string | undefined;
  clock: Clock;
  signal: AbortSignal;
}

async function papersBy(ask: (request: string) => JoinRequest | RenewRequest, via: Via): Promise<Papers> {
  const { newKeyToCertify } = await import("./signing_request.ts");
  const { key, request } = await newKeyToCertify();
  const issuedAt = new Date(via.clock.wall()).toISOString();
  const papers = NodePapers.parse(await post(ask(request), via));
  return { ...papers, key, issued_at: issuedAt };
}

async function post(body: JoinRequest | RenewRequest, { controller, path, trusted, credential, signal }: Via) {
  using client = Deno.createHttpClient({ caCerts: trusted });
  const response = await fetch(new URL(path, controller), {
    method: "POST",
    redirect: "manual",
    client,
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    headers: {
      "content-type": "application/json",
      [PROTOCOL_HEADER]: String(PROTOCOL),
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
    },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const { data: problem } = Problem.safeParse(answer);
  const detail = problem === undefined ? `it answered ${response.status}` : problem.detail;
  // What lasts: a token that is used up, over or unknown, a name or address that can't be.
  const lasts = response.status < 500 && response.status !== 429;
  throw lasts ? new JoinRefused(`${controller.origin} refuses: ${detail}`) : new Error(detail);
}
