/**
 * Makes the agent known to a controller and keeps it known: an agent that was told of its controller needs no operator.
 * Registering is repeated, since the controller may be a new one with an empty store; only changes are logged.
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import { getLog } from "../runtime/log.ts";
import type { Random } from "../runtime/random.ts";
import { toldBy } from "../runtime/told.ts";
import type { Identity } from "./identity/identity.ts";
import { signerOf } from "../wire/credential.ts";
import { parseJson } from "../wire/json.ts";
import { PROTOCOL, PROTOCOL_HEADER, Registered, type Registration, type ReportedPapers } from "../wire/protocol.ts";
import type { Bell } from "./bell.ts";
import type { Papers } from "./identity/papers_file.ts";

const REPEAT_MS = 5_000;
const BACKOFF_MS = 1_000;
const BACKOFF_MAX_MS = 30_000;
const ANSWER_MS = 5_000;
/** Every pause is longer or shorter by up to this part, so that many agents don't come at once. */
const JITTER = 0.2;
const DETAIL_MAX = 500;

const log = getLog("register");

export interface RegisterOptions {
  controller: string;
  registration: Registration;
  /** Who registers, and whom it believes. */
  identity: Identity;
  /** Rung when there is something new to say. */
  bell: Bell;
  /** Told that the papers are to be renewed. */
  onRenewalWanted: () => void;
  clock: Clock;
  random: Random;
  signal: AbortSignal;
}

/** Registers again and again until the signal is aborted. */
export async function keepRegistered(options: RegisterOptions): Promise<void> {
  const { controller, bell, clock, random, signal } = options;
  let former: Outcome | undefined;
  let failures = 0;
  while (!signal.aborted) {
    const outcome = await registerOnce(options);
    if (signal.aborted) return;
    if (outcome.problem !== former?.problem || former === undefined) {
      if (outcome.problem === undefined) log.info("Registered at the controller", { controller });
      else log.warn("Cannot register at the controller: trying on", { controller, problem: outcome.problem });
    }
    former = outcome;
    failures = outcome.problem === undefined ? 0 : failures + 1;
    const pauseMs = failures === 0 ? REPEAT_MS : Math.min(BACKOFF_MS * 2 ** (failures - 1), BACKOFF_MAX_MS);
    await bell.sleep(pauseMs * (1 + JITTER * (2 * random.next() - 1)), { clock, signal });
  }
}

interface Outcome {
  /** Why it didn't work, in words. */
  problem: string | undefined;
}

async function registerOnce(options: RegisterOptions): Promise<Outcome> {
  const { controller, registration, identity, signal } = options;
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  const token = identity.credential();
  const papers = identity.papers();
  const { caCerts } = identity.access();
  using client = caCerts === undefined ? undefined : Deno.createHttpClient({ caCerts });
  try {
    const response = await fetch(new URL("/v1/nodes", controller), {
      method: "POST",
      redirect: "manual",
      ...(client && { client }),
      signal: deadline,
      headers: {
        "content-type": "application/json",
        [PROTOCOL_HEADER]: String(PROTOCOL),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ ...registration, papers: papers && reportOf(papers) }),
    });
    const answer = await response.text();
    if (response.ok) {
      // What was answered is about those papers, which may have been exchanged since.
      if (wantsRenewal(answer) && papers === identity.papers()) options.onRenewalWanted();
      return { problem: undefined };
    }
    return { problem: `it answered ${response.status}: ${answer.trim().slice(0, DETAIL_MAX)}` };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { problem: deadline.aborted ? `no answer within ${ANSWER_MS / 1_000} s` : toldBy(error) };
  }
}

function reportOf({ trusted, credential }: Papers): ReportedPapers {
  return { trusted: trusted.map(({ id }) => id), signed_by: signerOf(credential) ?? "" };
}

function wantsRenewal(answer: string): boolean {
  const parsed = parseJson(answer);
  return parsed.ok && Registered.safeParse(parsed.value).data?.renew === true;
}
