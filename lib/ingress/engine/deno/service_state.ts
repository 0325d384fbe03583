/**
 * A service as one worker sees it: its replicas and what is under way there, and who waits in line because none of them
 * can take any more.
 * @module
 */
import type { Endpoint } from "../../../cluster/endpoint.ts";
import { Balancer, type Ending, type Picked } from "../../balance/balancer.ts";
import type { Candidate } from "../../balance/candidate.ts";
import type { Ask } from "../../balance/choice.ts";
import type { Policy } from "../../balance/policy.ts";
import { WaitingLine } from "../../balance/waiting_line.ts";
import { RetryBudget } from "../../balance/retry_budget.ts";
import type { RouteState } from "./route_state.ts";
import type { Visit } from "./visit.ts";

/** How a wait in line ended. */
export type Waited =
  /** Replicas have changed, or one has answered: also those that gave no answer are worth another look. */
  | "anew"
  /** A replica can take another request. */
  | "called"
  | "late"
  | "full";

export class ServiceState {
  readonly name: string;
  readonly budget = new RetryBudget();
  readonly #balancer = new Balancer();
  readonly #line = new WaitingLine<(waited: Waited) => void>();

  readonly #now: () => number;
  #desired = 0;

  constructor(name: string, now: () => number) {
    this.name = name;
    this.#now = now;
  }

  get waiting(): number {
    return this.#line.length;
  }

  get candidates(): Iterable<Candidate> {
    return this.#balancer.candidates;
  }

  /** Sets the endpoints; returns those whose replica is none any more. */
  replace(endpoints: readonly Endpoint[], { desired, nowMs }: { desired: number; nowMs: number }): readonly Endpoint[] {
    this.#desired = desired;
    const gone = this.#balancer.replace(endpoints, nowMs);
    this.#call(this.#line.length, "anew");
    return gone;
  }

  pick(policy: Policy, ask: Ask): Picked {
    return this.#balancer.pick(policy, ask);
  }

  begin(candidate: Candidate): void {
    this.#balancer.begin(candidate);
  }

  /** True when its end has ejected the replica. */
  end(candidate: Candidate, ending: Ending): boolean {
    const isEjected = this.#balancer.end(candidate, ending);
    if (this.#line.length > 0) this.#call(1, ending.outcome === "answered" ? "anew" : "called");
    return isEjected;
  }

  /** Waits until there may be a replica for a request. */
  async wait(visit: Visit, { route, nowMs }: { route: RouteState; nowMs: number }): Promise<Waited> {
    // Nobody is going to come.
    if (this.#desired === 0) return "late";
    const { compiled, row } = route;
    const { promise, resolve } = Promise.withResolvers<Waited>();
    // Who joins again has waited already.
    visit.lineDueMs ??= nowMs + compiled.queueTimeoutMs;
    const timeoutMs = visit.lineDueMs - nowMs;
    if (timeoutMs <= 0) return "late";
    const queue = { lengthMax: compiled.route.queue.length, timeoutMs };
    const ticket = this.#line.join(resolve, queue, nowMs);
    if (ticket === "full") return "full";
    visit.waitFor(timeoutMs, () => {
      this.#line.leave(ticket);
      resolve("late");
    });
    row.add("queue_length");
    const waited = await promise;
    visit.stopWaiting();
    row.waited(this.#now() - nowMs);
    return waited;
  }

  /** Whoever is called looks again; who finds nothing joins the line anew, behind those who came meanwhile. */
  #call(count: number, how: "anew" | "called"): void {
    for (const { waiter } of this.#line.admit(count)) waiter(how);
  }
}
