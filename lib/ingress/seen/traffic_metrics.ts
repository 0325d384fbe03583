/**
 * The counters of one worker of the ingress. Whoever routes asks once for the row of a route and of each slot and counts
 * in it; `takeBatch()` gives what has changed since it was last asked, to be posted to the controller's thread
 * (`traffic_totals.ts`). Beyond a bound all share one row each.
 * @module
 */
import { type BatchRow, EdgeRow, RouteRow, SlotRow } from "./traffic_row.ts";

const ROUTES_MAX = 1_000;
const SLOTS_MAX = 10_000;
/** The labels of whatever comes beyond. */
export const OTHER = "other";

/** Can be posted from thread to thread. */
export type Batch = readonly BatchRow[];

export interface TrafficBounds {
  routesMax?: number;
  slotsMax?: number;
}

/** Of one service. */
interface Rows {
  readonly routes: Map<string, RouteRow>;
  readonly slots: Map<number, SlotRow>;
}

/** All rows of a worker. */
export class TrafficMetrics {
  readonly edge = new EdgeRow();
  readonly #services = new Map<string, Rows>();
  readonly #otherRoute = new RouteRow(OTHER, OTHER);
  readonly #otherSlot = new SlotRow(OTHER, OTHER);
  readonly #routesMax: number;
  readonly #slotsMax: number;
  #routes = 0;
  #slots = 0;

  constructor({ routesMax = ROUTES_MAX, slotsMax = SLOTS_MAX }: TrafficBounds = {}) {
    this.#routesMax = routesMax;
    this.#slotsMax = slotsMax;
  }

  /** The row of a route; `name` is the same after each change of the table, and no id. */
  route(service: string, name: string): RouteRow {
    const known = this.#services.get(service)?.routes.get(name);
    if (known !== undefined) return known;
    if (this.#routes >= this.#routesMax) return this.#otherRoute;
    this.#routes++;
    const row = new RouteRow(service, name);
    this.#rowsOf(service).routes.set(name, row);
    return row;
  }

  slot(service: string, slot: number): SlotRow {
    const known = this.#services.get(service)?.slots.get(slot);
    if (known !== undefined) return known;
    if (this.#slots >= this.#slotsMax) return this.#otherSlot;
    this.#slots++;
    const row = new SlotRow(service, String(slot));
    this.#rowsOf(service).slots.set(slot, row);
    return row;
  }

  /** Forgets a service that is no more. What is still counted in its rows is lost. */
  delete(service: string): void {
    const rows = this.#services.get(service);
    if (rows === undefined) return;
    this.#services.delete(service);
    this.#routes -= rows.routes.size;
    this.#slots -= rows.slots.size;
  }

  /** What has changed since the last one. */
  takeBatch(): Batch {
    const batch: BatchRow[] = [];
    const take = (row: RouteRow | SlotRow | EdgeRow) => {
      const taken = row.take();
      if (taken !== undefined) batch.push(taken);
    };
    for (const { routes, slots } of this.#services.values()) {
      routes.forEach(take);
      slots.forEach(take);
    }
    [this.#otherRoute, this.#otherSlot, this.edge].forEach(take);
    return batch;
  }

  #rowsOf(service: string): Rows {
    const known = this.#services.get(service);
    if (known !== undefined) return known;
    const rows: Rows = { routes: new Map(), slots: new Map() };
    this.#services.set(service, rows);
    return rows;
  }
}
