/**
 * What the threads of the ingress have been told of the services, and what they are told next. A service of few endpoints
 * is told at once, as a whole; of a large one only what has changed, and after that nothing for a moment, so that what
 * changes meanwhile is told as one.
 * @module
 */
import type { Traffic } from "./engine.ts";
import type { ToWorker } from "./messages.ts";
import { changeOf, isLarge } from "./traffic_change.ts";

/** Long enough for a rollout's changes to come together, and too short for anyone to notice. */
const SETTLE_MS = 20;

export class ToldServices {
  readonly #tell: (message: ToWorker) => void;
  readonly #told = new Map<string, Traffic>();
  /** Services that nothing is told of for a moment, and what is to be told then. */
  readonly #resting = new Map<string, { timer: ReturnType<typeof setTimeout>; next: Traffic | undefined }>();

  constructor(tell: (message: ToWorker) => void) {
    this.#tell = tell;
  }

  /** What every thread has been told by now, and one that joins has to be told first. */
  get all(): readonly (readonly [service: string, traffic: Traffic])[] {
    return [...this.#told];
  }

  has(service: string): boolean {
    return this.#told.has(service);
  }

  set(service: string, traffic: Traffic): void {
    const resting = this.#resting.get(service);
    if (resting !== undefined) resting.next = traffic;
    else this.#say(service, traffic);
  }

  delete(service: string): void {
    clearTimeout(this.#resting.get(service)?.timer);
    this.#resting.delete(service);
    this.#told.delete(service);
    this.#tell({ kind: "delete", service });
  }

  /** Tells what waits to be told. */
  flush(): void {
    for (const service of [...this.#resting.keys()]) this.#rested(service);
  }

  /** Nothing is told any more. */
  stop(): void {
    for (const { timer } of this.#resting.values()) clearTimeout(timer);
    this.#resting.clear();
  }

  #say(service: string, traffic: Traffic): void {
    const former = this.#told.get(service);
    const change = former && changeOf(former, traffic);
    this.#told.set(service, traffic);
    this.#tell(change === undefined ? { kind: "set", service, traffic } : { kind: "change", service, change });
    if (!isLarge(traffic)) return;
    this.#resting.set(service, { timer: setTimeout(() => this.#rested(service), SETTLE_MS), next: undefined });
  }

  #rested(service: string): void {
    const { timer, next } = this.#resting.get(service) ?? {};
    clearTimeout(timer);
    this.#resting.delete(service);
    if (next !== undefined) this.#say(service, next);
  }
}
