/**
 * One request on its way through the engine: what is known of it, what it waits for, and what came of it. Whoever takes
 * it a step further notes that here; the log and the metrics read it at the end.
 * @module
 */
import type { RequestHead } from "../../../wire/http1/event.ts";
import type { Candidate } from "../../balance/candidate.ts";
import { isRepeatable } from "../../balance/retry_policy.ts";
import type { Ending } from "../../seen/access_line.ts";
import type { Client } from "../../seen/peer_address.ts";
import type { Asker } from "./asker.ts";
import type { RequestContent } from "./request_content.ts";
import type { RequestNames } from "./request_names.ts";
import type { RouteState } from "./route_state.ts";

interface VisitParts {
  asker: Asker;
  origin: Client;
  names: RequestNames | undefined;
  now: () => number;
}

export class Visit {
  readonly head: RequestHead;
  readonly asker: Asker;
  /** Who asks, as far as it can be believed. */
  readonly origin: Client;
  /** What it is called, where traces are kept. */
  readonly names: RequestNames | undefined;
  readonly #now: () => number;
  readonly sinceMs: number;
  /** When all of it has to be over. */
  totalDueMs = Infinity;
  /** When it has waited in line for long enough; known from its first wait on. */
  lineDueMs: number | undefined;
  route: RouteState | undefined;
  content: RequestContent | undefined;
  /** What the client's cookie calls its replica. */
  stickyName: string | undefined;
  candidate: Candidate | undefined;
  /** Replicas that gave no answer. */
  readonly tried: string[] = [];
  retries = 0;
  /** When the head of the answer had come. */
  headMs: number | undefined;
  status = 0;
  ended: Ending = "client left";
  /** What ended a wait, before it came to its own end. */
  cutBy: "late" | "lost" | "gone" | undefined;
  /** How much the client had sent and been sent before. */
  readonly receivedBefore: number;
  readonly sentBefore: number;
  #onCut: (() => void) | undefined;

  constructor(head: RequestHead, { asker, origin, names, now }: VisitParts) {
    this.head = head;
    this.asker = asker;
    this.origin = origin;
    this.names = names;
    this.#now = now;
    this.sinceMs = now();
    this.receivedBefore = asker.received;
    this.sentBefore = asker.sent;
    asker.onAnswerDue = () => this.cut("late");
    asker.onGone = () => this.cut("gone");
  }

  /** Whether all of it can be sent again, though it may have been received. */
  get mayRepeat(): boolean {
    return this.content?.isWhole === true && isRepeatable(this.head.method, "head");
  }

  /** A wait begins, for so long at most. `onCut` ends it before its time. */
  waitFor(ms: number, onCut: () => void): void {
    this.#onCut = onCut;
    this.asker.answerDueMs = Math.min(this.#now() + ms, this.totalDueMs);
  }

  stopWaiting(): void {
    this.#onCut = undefined;
    this.asker.answerDueMs = this.totalDueMs;
  }

  cut(by: "late" | "lost" | "gone"): void {
    const onCut = this.#onCut;
    if (onCut === undefined) return;
    this.cutBy = by;
    this.#onCut = undefined;
    onCut();
  }
}
