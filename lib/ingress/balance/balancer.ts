/**
 * Which replica of a service a request goes to. One balancer per service and worker holds what this worker knows of the
 * replicas; the routing says which policy applies, the engine begins and ends requests. The ways to choose are in files
 * of their own; this one keeps the order of last resorts: a sticky one first, those on suspect nodes when no other fits,
 * ejected ones when nobody else is there.
 * @module
 */
import type { Endpoint } from "../../cluster/endpoint.ts";
import { type Candidate, isSamePlace, newCandidate } from "./candidate.ts";
import { type Ask, type Choice, fits, isExcluded } from "./choice.ts";
import { Ejections } from "./ejection.ts";
import { leastBusy } from "./least_conn.ts";
import { observeFailure, observeLatency, quickerOfTwo } from "./peak_ewma.ts";
import type { Policy } from "./policy.ts";
import { Ring } from "./ring.ts";
import { nextInTurn } from "./round_robin.ts";
import { type Ages, agesOf, effectiveSlowStartMs } from "./slow_start.ts";
import { type Tier, tierOf } from "./tier.ts";
import { lessBusyOfTwo } from "./two_choices.ts";

export type Picked =
  | { readonly kind: "picked"; readonly candidate: Candidate }
  /** There are replicas, but each has as many requests as it can take. */
  | { readonly kind: "full" }
  /** No replica is ready, or all that are were tried already. */
  | { readonly kind: "none" };

/**
 * How a request went. `failed`: no connection, a broken answer, or none in time. A replica that answers with a 5xx has
 * `answered`: that may be the request's fault, and a client must not be able to get replicas ejected by what it sends;
 * whether a replica is fit to serve is for its health check to say. `left`: the client went before, which says nothing.
 */
export type Outcome = "answered" | "failed" | "left";

export interface Ending {
  readonly nowMs: number;
  /** Until the head of the answer, or until it was clear that none would come. */
  readonly tookMs: number;
  readonly outcome: Outcome;
  /** That of the route by which the request came. */
  readonly policy: Policy;
}

const FULL: Picked = { kind: "full" };
const NONE: Picked = { kind: "none" };

export class Balancer {
  readonly #byReplica = new Map<string, Candidate>();
  readonly #byStickyName = new Map<string, Candidate>();
  #ready: Tier = tierOf([]);
  #suspect: Tier = tierOf([]);
  #ages: Ages = agesOf([]);
  readonly #ejections = new Ejections();
  /** Made when a key is looked for the first time. */
  #ring: Ring | undefined;

  /** All that can be chosen. */
  get candidates(): Iterable<Candidate> {
    return this.#byReplica.values();
  }

  /**
   * Sets the service's endpoints. What is the same process in the same place keeps its history, all else begins anew.
   * Returns the former endpoints of the replicas that are gone. What stays is only looked at: to build all anew would take
   * ten thousand endpoints as long as hundreds of requests.
   */
  replace(endpoints: readonly Endpoint[], nowMs: number): Endpoint[] {
    for (const candidate of this.#byReplica.values()) candidate.isGone = true;
    const come: Candidate[] = [];
    const candidates = endpoints.map((endpoint) => {
      const known = this.#byReplica.get(endpoint.replica);
      if (known !== undefined && isSamePlace(known, endpoint)) {
        known.endpoint = endpoint;
        known.isGone = false;
        return known;
      }
      const candidate = newCandidate(endpoint, nowMs);
      come.push(candidate);
      this.#byReplica.set(endpoint.replica, candidate);
      this.#byStickyName.set(candidate.stickyName, candidate);
      return candidate;
    });
    const gone = this.#forgetGone();
    this.#ready = tierOf(candidates.filter(({ endpoint }) => !endpoint.suspect), this.#ready);
    this.#suspect = tierOf(candidates.filter(({ endpoint }) => endpoint.suspect), this.#suspect);
    this.#ages = agesOf(candidates);
    this.#ring = this.#ring?.after({ come });
    this.#ejections.keepWithinShare({ nowMs, count: candidates.length });
    return gone;
  }

  /** Chooses a replica for a request; `begin` it there at once, so that the next choice knows of it. */
  pick(policy: Policy, ask: Ask): Picked {
    const slowStartMs = effectiveSlowStartMs(this.#ages, policy.slowStartMs, ask.nowMs);
    const choice: Choice = { policy, ask, slowStartMs, withEjected: false };
    const candidate = this.#choose(choice);
    return candidate === undefined ? this.#lastResort(choice) : { kind: "picked", candidate };
  }

  /** Notes that a request is on its way. */
  begin(candidate: Candidate): void {
    candidate.inFlight++;
  }

  /** Notes how a request ended; true when that has ejected the replica. */
  end(candidate: Candidate, { nowMs, tookMs, outcome, policy }: Ending): boolean {
    if (candidate.inFlight === 0) {
      throw new Error(`Cannot end a request at replica "${candidate.endpoint.replica}": none is under way there`);
    }
    candidate.inFlight--;
    if (outcome === "left" || candidate.isGone) return false;
    if (outcome === "answered") {
      observeLatency(candidate, { tookMs, nowMs });
      this.#ejections.answer(candidate, nowMs);
      return false;
    }
    observeFailure(candidate, { tookMs, nowMs });
    return this.#ejections.fail(candidate, policy.ejection, { nowMs, count: this.#byReplica.size });
  }

  #forgetGone(): Endpoint[] {
    const gone: Endpoint[] = [];
    for (const [replica, { endpoint, stickyName, isGone }] of this.#byReplica) {
      if (!isGone) continue;
      gone.push(endpoint);
      this.#byReplica.delete(replica);
      this.#byStickyName.delete(stickyName);
    }
    return gone;
  }

  #choose(choice: Choice): Candidate | undefined {
    return this.#stickyOne(choice) ?? this.#chooseWithin(this.#ready, choice) ??
      this.#chooseWithin(this.#suspect, choice);
  }

  #stickyOne(choice: Choice): Candidate | undefined {
    const { stickyName } = choice.ask;
    const candidate = stickyName === undefined ? undefined : this.#byStickyName.get(stickyName);
    return candidate !== undefined && fits(candidate, choice) ? candidate : undefined;
  }

  #chooseWithin(tier: Tier, choice: Choice): Candidate | undefined {
    switch (choice.policy.way) {
      case "round_robin":
        return nextInTurn(tier, choice);
      case "least_conn":
        return leastBusy(tier, choice);
      case "two_choices":
        return lessBusyOfTwo(tier, choice);
      case "peak_ewma":
        return quickerOfTwo(tier, choice);
      case "hash":
        if (choice.ask.key === undefined) return nextInTurn(tier, choice);
        this.#ring ??= Ring.of([...this.#byReplica.values()]);
        return this.#ring.ownerOf(choice.ask.key, tier, choice);
    }
  }

  /** Where nobody fits: who is only full will have room soon, but where all are ejected, one of them has to do. */
  #lastResort(choice: Choice): Picked {
    let isAnyThere = false;
    for (const candidate of this.#byReplica.values()) {
      if (isExcluded(candidate, choice.ask)) continue;
      if (candidate.ejectedUntilMs <= choice.ask.nowMs) return FULL;
      isAnyThere = true;
    }
    if (!isAnyThere) return NONE;
    const candidate = this.#choose({ ...choice, withEjected: true });
    return candidate === undefined ? FULL : { kind: "picked", candidate };
  }
}
