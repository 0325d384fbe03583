/**
 * A virtual store that controllers share over the network, in the manner of etcd: who holds the lease leads, a write is
 * done only while its writer does, and the epoch is the revision at which leadership was won. Without a quorum it
 * answers nobody, and what was under way may have been done or not.
 * @module
 */
import { intBetween, type Random } from "../../lib/runtime/random.ts";
import type { Ledger } from "./ledger.ts";
import { enter, type Entry, type Home, type Life, type Write } from "./local_store.ts";
import type { Timeline } from "./timeline.ts";

const LEASE_MS = 5_000;
const KEEP_ALIVE_MS = 1_500;
const CAMPAIGN_MS = 500;
const CHECK_MS = 250;
const ANSWER_MAX_MS = 5_000;

export interface SharedWorld {
  timeline: Timeline;
  random: Random;
}

export class SharedStore {
  readonly ledger: Ledger;
  readonly #world: SharedWorld;
  #lease: { epoch: number; untilMs: number } | undefined;
  #hasQuorum = true;
  readonly seats: Seat[] = [];

  constructor(ledger: Ledger, world: SharedWorld) {
    this.ledger = ledger;
    this.#world = world;
  }

  get hasQuorum(): boolean {
    return this.#hasQuorum;
  }

  loseQuorum(): void {
    this.#hasQuorum = false;
  }

  regainQuorum(): void {
    this.#hasQuorum = true;
    // A new leader of the store doesn't know how long ago the lease was renewed.
    if (this.#lease !== undefined) this.#lease.untilMs = this.#world.timeline.nowMs + LEASE_MS;
    this.announce();
  }

  newSeat(random: Random): Seat {
    const seat = new Seat(this, { ...this.#world, random });
    this.seats.push(seat);
    return seat;
  }

  /** The epoch of a new leader, unless there is one. */
  campaign(): number | undefined {
    if (this.#holder() !== undefined) return undefined;
    this.ledger.revision += 1;
    this.#lease = { epoch: this.ledger.revision, untilMs: this.#world.timeline.nowMs + LEASE_MS };
    return this.ledger.revision;
  }

  keepAlive(epoch: number): boolean {
    if (this.#holder() !== epoch || this.#lease === undefined) return false;
    this.#lease.untilMs = this.#world.timeline.nowMs + LEASE_MS;
    return true;
  }

  append(epoch: number, write: Write): Entry | undefined {
    if (this.#holder() !== epoch) return undefined;
    const entry = enter(this.ledger, write);
    if (entry.commit !== undefined) this.announce();
    return entry;
  }

  /** Every watcher has something to read. */
  announce(): void {
    for (const seat of this.seats) seat.read();
  }

  #holder(): number | undefined {
    const lease = this.#lease;
    if (lease !== undefined && this.#hasQuorum && lease.untilMs < this.#world.timeline.nowMs) {
      // That the leader's key goes is a write as well.
      this.ledger.revision += 1;
      this.#lease = undefined;
    }
    return this.#lease?.epoch;
  }
}

/** One controller's connection to the shared store. */
export class Seat implements Home {
  readonly #store: SharedStore;
  readonly #world: SharedWorld;
  #isCut = false;
  #life: Life | undefined;
  #epoch: number | undefined;
  #validUntilMs = 0;
  #keptMs = 0;
  #watchedTo = 0;
  /** The epoch for which everything was loaded. */
  #loaded: number | undefined;

  constructor(store: SharedStore, world: SharedWorld) {
    this.#store = store;
    this.#world = world;
  }

  begin(life: Life): void {
    this.#life = life;
    this.#campaign(life);
  }

  end(): void {
    this.#life = undefined;
    this.#epoch = undefined;
  }

  cut(): void {
    this.#isCut = true;
  }

  mend(): void {
    this.#isCut = false;
    this.read();
  }

  isWell(): boolean {
    return this.#epoch !== undefined && !this.#isCut && this.#store.hasQuorum && !this.#store.ledger.isFull;
  }

  mayAct(): boolean {
    return this.#epoch !== undefined && this.#world.timeline.nowMs < this.#validUntilMs;
  }

  append: Home["append"] = (write, answered) => {
    const [life, epoch] = [this.#life, this.#epoch];
    if (life === undefined || epoch === undefined) return;
    let over = false;
    const end = (run: () => void) => {
      if (!over) run();
      over = true;
    };
    life.sleep(ANSWER_MAX_MS, () => end(() => life.failed("the store does not answer")));
    this.#ask(() => this.#store.append(epoch, write), (entry) =>
      end(() => {
        if (entry === undefined) life.failed("another controller leads");
        else answered(entry.outcome);
      }), { unanswered: 0.5 });
  };

  write: Home["write"] = (write) => {
    if (this.#epoch === undefined || this.#isCut || !this.#store.hasQuorum) return "unknown";
    const entry = this.#store.append(this.#epoch, write);
    return entry?.commit === undefined ? "refused" : "acknowledged";
  };

  /** Brings the commits that were not yet read, unless some of them are kept no more. */
  read(): void {
    this.#reach(() => {
      const life = this.#life;
      if (life === undefined || this.#loaded === undefined || this.#loaded !== this.#epoch) return;
      life.sleep(0, () => {
        if (this.#isCut || !this.#store.hasQuorum) return;
        const commits = this.#store.ledger.since(this.#watchedTo);
        if (commits === undefined) return life.failed("what it has missed was compacted");
        for (const commit of commits) {
          this.#watchedTo = commit.revision;
          life.committed(commit);
        }
      });
    });
  }

  #campaign(life: Life): void {
    if (this.#life !== life || this.#epoch !== undefined) return;
    const askedMs = this.#world.timeline.nowMs;
    this.#ask(() => this.#store.campaign(), (epoch) => {
      if (epoch === undefined || this.#life !== life || this.#epoch !== undefined) return;
      this.#epoch = epoch;
      this.#validUntilMs = askedMs + LEASE_MS;
      this.#keptMs = askedMs;
      this.#load(life, epoch);
      this.#keepAlive(life, epoch);
    });
    life.sleep(CAMPAIGN_MS, () => this.#campaign(life));
  }

  #load(life: Life, epoch: number): void {
    if (this.#life !== life || this.#loaded === epoch) return;
    life.sleep(CAMPAIGN_MS, () => this.#load(life, epoch));
    this.#ask(() => this.#store.ledger.snapshot(epoch), (snapshot) => {
      if (this.#life !== life || this.#loaded === epoch) return;
      this.#loaded = epoch;
      this.#watchedTo = snapshot.revision;
      life.led(snapshot, epoch);
      this.read();
    });
  }

  #keepAlive(life: Life, epoch: number): void {
    const { timeline } = this.#world;
    if (this.#life !== life) return;
    if (timeline.nowMs >= this.#validUntilMs) return life.failed("its lease has run out");
    if (timeline.nowMs >= this.#keptMs + KEEP_ALIVE_MS) {
      this.#keptMs = timeline.nowMs;
      const askedMs = timeline.nowMs;
      this.#ask(() => this.#store.keepAlive(epoch), (isKept) => {
        if (this.#life !== life) return;
        if (isKept) this.#validUntilMs = askedMs + LEASE_MS;
        else life.failed("its lease is gone");
      });
    }
    life.sleep(CHECK_MS, () => this.#keepAlive(life, epoch));
  }

  /** Asks the store; no answer comes over a cut. `unanswered`: how likely it does what it can't answer any more. */
  #ask<T>(act: () => T, answered: (result: T) => void, { unanswered = 0 } = {}): void {
    const life = this.#life;
    const { random } = this.#world;
    const isReachable = () => !this.#isCut && this.#store.hasQuorum;
    if (this.#isCut) return;
    this.#reach(() => {
      if (!isReachable()) {
        if (random.next() < unanswered) act();
        return;
      }
      const result = act();
      this.#reach(() => {
        if (isReachable() && this.#life === life) life?.sleep(0, () => answered(result));
      });
    });
  }

  #reach(arrive: () => void): void {
    const { timeline, random } = this.#world;
    timeline.after(intBetween(random, { min: 1, max: 4 }), arrive);
  }
}
