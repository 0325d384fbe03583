/**
 * The controller's side of the conversation with one agent: when to probe it, when to open its observation stream anew,
 * when to send it orders. A machine like the loop that owns it: it says what is due, and is told what came of it.
 * @module
 */
import type { Ack } from "../../wire/protocol.ts";
import type { LoopEffect, LoopSettings } from "./effect.ts";

/** A stream that is silent for this long is taken for cut. */
const STREAM_SILENCE_MAX_MS = 3_000;
const ORDERS_DEADLINE_MS = 5_000;
const ORDERS_RETRY_MS = 1_000;

/** What a probe brought back: who is there, and what orders it follows. */
interface Answer {
  identity: string;
  epoch: number;
  revision: number;
}

/** Another node's agent, which answers where this one was: what goes there reaches somebody else. */
type Stranger = Pick<Answer, "identity">;

interface Asked {
  id: number;
  sentMs: number;
}

export class Link {
  readonly #node: string;
  readonly #settings: LoopSettings;
  #url: string;
  #ids = 0;
  #probe: Asked | undefined;
  #nextProbeMs: number;
  #stream: { id: number; heardMs: number } | undefined;
  #reachable = false;
  #seq = 0;
  #send: (Asked & { revision: number }) | undefined;
  #nextSendMs: number;
  /** The revision at which this node's orders changed last, and what its agent is known to follow. */
  #wanted = 0;
  #followed = { epoch: -1, revision: -1 };
  /** Its last answer that this controller goes by, to be acknowledged by the next request. */
  #ack: Ack | undefined;
  /** Who answers there, by its own word. */
  #identity: string | undefined;
  /** The last refusal that was told, so that it is told once and not with every try. */
  #refusal = "";

  constructor(node: string, url: string, start: { settings: LoopSettings; nowMs: number }) {
    this.#node = node;
    this.#url = url;
    this.#settings = start.settings;
    this.#nextProbeMs = start.nowMs;
    this.#nextSendMs = start.nowMs;
  }

  get url(): string {
    return this.#url;
  }

  /** The agent is at another address now. */
  moveTo(url: string, nowMs: number): LoopEffect[] {
    if (url === this.#url) return [];
    this.#url = url;
    this.#probe = undefined;
    this.#nextProbeMs = nowMs;
    this.#send = undefined;
    return this.close();
  }

  /** Who answered there last. */
  get identity(): string | undefined {
    return this.#identity;
  }

  /** Who answered there last, and what of it was received. */
  get answered(): { identity: string | undefined; ack: Ack | undefined } {
    return { identity: this.#identity, ack: this.#ack };
  }

  /** Notes that an answer has come from which the agent's silence is counted. */
  received(ack: Ack): void {
    this.#ack = ack;
  }

  /** The agent has said goodbye: an answer that it gave before counts no more. */
  part(): LoopEffect[] {
    this.#probe = undefined;
    this.#ack = undefined;
    return this.close();
  }

  /** Ends what is open. */
  close(): LoopEffect[] {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#reachable = false;
    return stream === undefined ? [] : [{ kind: "close_stream", node: this.#node, stream: stream.id }];
  }

  /** What is due now, except orders. `cut` tells that the stream was given up for its silence. */
  due(nowMs: number): { effects: LoopEffect[]; cut: boolean } {
    const effects: LoopEffect[] = [];
    const silent = this.#stream !== undefined && nowMs - this.#stream.heardMs >= STREAM_SILENCE_MAX_MS;
    if (silent) effects.push(...this.close());
    if (this.#probe === undefined && this.#nextProbeMs <= nowMs) effects.push(this.#newProbe(nowMs));
    if (this.#reachable && this.#stream === undefined) effects.push(this.#newStream(nowMs));
    return { effects, cut: silent };
  }

  /** Orders are due when its agent does not follow the newest list that concerns it. */
  ordersDue(epoch: number, nowMs: number): boolean {
    if (!this.#reachable || this.#send !== undefined || nowMs < this.#nextSendMs) return false;
    return this.#followed.epoch !== epoch || this.#followed.revision < this.#wanted;
  }

  ordersChanged(revision: number): void {
    this.#wanted = revision;
  }

  /** Notes that orders of this revision are on their way. */
  sendOrders(orders: Extract<LoopEffect, { kind: "send_orders" }>["orders"], nowMs: number): LoopEffect {
    this.#send = { id: ++this.#ids, sentMs: nowMs, revision: orders.revision };
    return {
      kind: "send_orders",
      node: this.#node,
      url: this.#url,
      send: this.#send.id,
      orders,
      deadlineMs: ORDERS_DEADLINE_MS,
    };
  }

  /** Returns false when the answer belongs to a probe that no longer counts. */
  probeEnded(probe: number, answer: Answer | Stranger | undefined): boolean {
    if (this.#probe?.id !== probe) return false;
    this.#probe = undefined;
    this.#reachable = answer !== undefined && "epoch" in answer;
    if (answer !== undefined) this.#identity = answer.identity;
    if (answer === undefined || !("epoch" in answer)) return true;
    // While orders are under way, an answer from before them must not make them look refused.
    if (this.#send === undefined) this.#followed = { epoch: answer.epoch, revision: answer.revision };
    return true;
  }

  ordersEnded(send: number, outcome: { followed?: { epoch: number; revision: number }; nowMs: number }): boolean {
    if (this.#send?.id !== send) return false;
    this.#send = undefined;
    if (outcome.followed === undefined) this.#nextSendMs = outcome.nowMs + ORDERS_RETRY_MS;
    else this.#followed = outcome.followed;
    return true;
  }

  /** Notes how orders were taken, in words or "" for well. Returns whether that is a refusal not yet told. */
  refused(words: string): boolean {
    const isNew = words !== "" && words !== this.#refusal;
    this.#refusal = words;
    return isNew;
  }

  /** Notes a line of the stream. Returns false when it is of a stream that was given up. */
  lineHeard(stream: number, seq: number, nowMs: number): boolean {
    if (this.#stream?.id !== stream) return false;
    this.#stream.heardMs = nowMs;
    this.#seq = seq;
    return true;
  }

  /** Notes that the stream ended. It is opened again once a probe was answered. */
  streamEnded(stream: number): boolean {
    if (this.#stream?.id !== stream) return false;
    this.#stream = undefined;
    this.#reachable = false;
    return true;
  }

  /**
   * The controller stood still: answers that are due from before count no more, and what its streams have said meanwhile
   * may be of an agent that is no more. They are opened anew, and begin with what is so now.
   */
  forgive(nowMs: number): LoopEffect[] {
    this.#probe = undefined;
    this.#nextProbeMs = nowMs;
    return this.close();
  }

  #newProbe(nowMs: number): LoopEffect {
    this.#probe = { id: ++this.#ids, sentMs: nowMs };
    this.#nextProbeMs = nowMs + this.#settings.healthIntervalMs;
    const deadlineMs = this.#settings.healthIntervalMs;
    const probe = { kind: "probe" as const, node: this.#node, url: this.#url, probe: this.#probe.id, deadlineMs };
    return this.#ack === undefined ? probe : { ...probe, ack: this.#ack };
  }

  #newStream(nowMs: number): LoopEffect {
    this.#stream = { id: ++this.#ids, heardMs: nowMs };
    return { kind: "open_stream", node: this.#node, url: this.#url, stream: this.#stream.id, after: this.#seq };
  }
}
