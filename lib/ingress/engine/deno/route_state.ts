/**
 * What a worker keeps for a route beside what the operator said: how its requests are spread, counted and limited. A
 * change of another route, or of the replicas, begins none of that anew.
 * @module
 */
import { type Policy, policyOf } from "../../balance/policy.ts";
import type { CompiledRoute } from "../../routing/compiled_route.ts";
import { SharedBuckets, type SharedLimits } from "../../seen/shared_buckets.ts";
import { type Buckets, TokenBuckets } from "../../seen/token_bucket.ts";
import type { TrafficMetrics } from "../../seen/traffic_metrics.ts";
import type { RouteRow } from "../../seen/traffic_row.ts";

export interface RouteState {
  readonly compiled: CompiledRoute;
  readonly policy: Policy;
  readonly row: RouteRow;
  readonly buckets: Buckets | undefined;
  /** Requests under way. */
  inFlight: number;
}

export class RouteStates {
  readonly #metrics: TrafficMetrics;
  readonly #sharedLimits: SharedLimits | undefined;
  readonly #byRoute = new WeakMap<CompiledRoute, RouteState>();
  /** By service, and there by what is limited and how. */
  readonly #buckets = new Map<string, Map<string, Buckets>>();

  constructor(metrics: TrafficMetrics, { sharedLimits }: { sharedLimits: SharedLimits | undefined }) {
    this.#metrics = metrics;
    this.#sharedLimits = sharedLimits;
  }

  of(compiled: CompiledRoute): RouteState {
    const known = this.#byRoute.get(compiled);
    if (known !== undefined) return known;
    const { route, service, id } = compiled;
    const state: RouteState = {
      compiled,
      policy: policyOf(route, service),
      row: this.#metrics.route(service, id),
      buckets: this.#bucketsOf(compiled),
      inFlight: 0,
    };
    this.#byRoute.set(compiled, state);
    return state;
  }

  delete(service: string): void {
    this.#buckets.delete(service);
  }

  #bucketsOf({ service, id, route, rate }: CompiledRoute): Buckets | undefined {
    if (rate === undefined) return undefined;
    const ofService = this.#buckets.get(service) ?? new Map<string, Buckets>();
    this.#buckets.set(service, ofService);
    const key = JSON.stringify([id, route.headers, route.query, rate]);
    const shared = this.#sharedLimits;
    const buckets = ofService.get(key) ??
      (shared === undefined
        ? new TokenBuckets(rate)
        : new SharedBuckets({ ...rate, name: `${service} ${key}` }, shared));
    ofService.set(key, buckets);
    return buckets;
  }
}
