/**
 * All agents, in parallel: performs what the loop wants of them over the network and gives back what came of it, as
 * inputs. It remembers nothing but which observation streams are open; when to ask, to send or to give up is the loop's.
 * @module
 */
import { abortable } from "@std/async";
import { getLog } from "../../runtime/log.ts";
import { endedWith } from "../../wire/ended_with.ts";
import { readLines } from "../../wire/ndjson.ts";
import { type Ack, AgentHealth, FeedLine, OrdersReply } from "../../wire/protocol.ts";
import { type AgentClient, NoAnswer } from "./agent_client.ts";
import type { LoopEffect, LoopInput } from "../loop/effect.ts";
import { Gate } from "../gate.ts";

const PROBES_MAX = 256;
const SENDS_MAX = 64;
/** An answer that should be small is read up to here. */
const ANSWER_BYTES_MAX = 65_536;
/** A snapshot of a full node is one line. */
const LINE_BYTES_MAX = 16 * 1_024 * 1_024;

type Effect<Kind extends LoopEffect["kind"]> = Extract<LoopEffect, { kind: Kind }>;
type FleetEffect = Effect<"probe" | "open_stream" | "close_stream" | "send_orders">;

export interface FleetOptions {
  client: AgentClient;
  /** Takes what came of an effect. */
  report: (input: LoopInput) => void;
  onProbe?: (outcome: "answered" | "failed") => void;
}

const log = getLog("fleet");

export class Fleet {
  readonly #options: FleetOptions;
  readonly #ending = new AbortController();
  readonly #probes = new Gate(PROBES_MAX);
  readonly #sends = new Gate(SENDS_MAX);
  /** The streams that are open, by node and number, and what ends each. */
  readonly #streams = new Map<string, AbortController>();
  /** What is under way. */
  readonly #work = new Set<Promise<void>>();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Begins to do what the loop wants. */
  perform(effect: FleetEffect): void {
    if (this.#ending.signal.aborted) return;
    switch (effect.kind) {
      case "probe":
        return this.#begin(this.#probes.pass(() => this.#probe(effect)));
      case "open_stream":
        return this.#begin(this.#observe(effect));
      case "close_stream":
        return this.#streams.get(keyOf(effect))?.abort();
      case "send_orders":
        return this.#begin(this.#sends.pass(() => this.#sendOrders(effect)));
      default:
        return effect satisfies never;
    }
  }

  /** Cuts everything that is under way and resolves when nothing is. */
  async close(): Promise<void> {
    this.#ending.abort();
    for (const stream of this.#streams.values()) stream.abort();
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  #begin(work: Promise<void>): void {
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  #report(input: LoopInput): void {
    if (!this.#ending.signal.aborted) this.#options.report(input);
  }

  async #probe({ node, url, probe, deadlineMs, ack }: Effect<"probe">): Promise<void> {
    if (this.#ending.signal.aborted) return;
    const answer = await this.#ask(async (signal) => {
      const response = await this.#options.client.request(url, `/v1/health${queryOf(ack)}`, { signal });
      return healthOf(response);
    }, deadlineMs);
    this.#options.onProbe?.(answer.ok ? "answered" : "failed");
    if (answer.ok) this.#report({ kind: "probe_answered", node, probe, health: answer.value });
    else this.#report({ kind: "probe_failed", node, probe, reason: answer.reason });
  }

  async #sendOrders({ node, url, send, orders, deadlineMs }: Effect<"send_orders">): Promise<void> {
    if (this.#ending.signal.aborted) return;
    const body = JSON.stringify(orders);
    const answer = await this.#ask(async (signal) => {
      const response = await this.#options.client.request(url, "/v1/assignments", { method: "PUT", body, signal });
      return replyOf(response);
    }, deadlineMs);
    if (answer.ok) return this.#report({ kind: "orders_answered", node, send, reply: answer.value });
    log.warn("Cannot send orders: they are sent again", { url, revision: orders.revision, reason: answer.reason });
    this.#report({ kind: "orders_failed", node, send, reason: answer.reason });
  }

  /** Reads an agent's feed until it ends; the loop gives it up when it stays silent. */
  async #observe(effect: Effect<"open_stream">): Promise<void> {
    const { node, url, stream, after } = effect;
    const ending = new AbortController();
    this.#streams.set(keyOf(effect), ending);
    let reason = "the agent ended it";
    try {
      const path = `/v1/observations?after=${after}`;
      const response = await this.#options.client.request(url, path, { signal: ending.signal });
      if (!response.ok || response.body === null) throw new NoAnswer(await whatAnswered(response));
      for await (const text of readLines(endedWith(response.body, ending.signal), { lineBytesMax: LINE_BYTES_MAX })) {
        this.#report({ kind: "line", node, stream, line: lineOf(text) });
      }
    } catch (error) {
      // Whatever ends a stream, it is the loop's to open another one.
      if (!(error instanceof Error)) throw error;
      reason = error.message;
      ending.abort();
    } finally {
      this.#streams.delete(keyOf(effect));
    }
    this.#report({ kind: "stream_ended", node, stream, reason });
  }

  /** Asks something that ends with an answer, or with the reason why there is none. */
  async #ask<T>(ask: (signal: AbortSignal) => Promise<T>, deadlineMs: number): Promise<Answer<T>> {
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = AbortSignal.any([this.#ending.signal, deadline]);
    try {
      // An answer that has begun may have lost its signal (`ended_with.ts`).
      return { ok: true, value: await abortable(ask(signal), signal) };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { ok: false, reason: deadline.aborted ? `no answer within ${deadlineMs / 1_000} s` : error.message };
    }
  }
}

type Answer<T> = { ok: true; value: T } | { ok: false; reason: string };

/** What an agent says of itself. Throws `NoAnswer` when it was no agent that answered. */
export async function healthOf(response: Response): Promise<AgentHealth> {
  if (response.status !== 200) throw new NoAnswer(await whatAnswered(response));
  const health = AgentHealth.safeParse(jsonOrUndefined(await shortText(response)));
  if (!health.success) throw new NoAnswer("what answers there is no agent of Muster");
  return health.data;
}

function queryOf(ack: Ack | undefined): string {
  if (ack === undefined) return "";
  return `?${new URLSearchParams({ ...ack, reply: String(ack.reply), epoch: String(ack.epoch) })}`;
}

async function replyOf(response: Response): Promise<OrdersReply> {
  if (response.status !== 200 && response.status !== 409) throw new NoAnswer(await whatAnswered(response));
  const body = jsonOrUndefined(await shortText(response));
  // A refusal is a problem that carries the reply.
  const reply = typeof body === "object" && body !== null && "reply" in body ? body.reply : body;
  const parsed = OrdersReply.safeParse(reply);
  if (!parsed.success) throw new NoAnswer(`its answer (${response.status}) to orders is not understood`);
  return parsed.data;
}

/** A status that was not wanted, in words, with the body out of the way. */
async function whatAnswered(response: Response): Promise<string> {
  const { status } = response;
  await response.body?.cancel();
  if (status === 401 || status === 403) return `it refuses the controller's credential (${status}): check --token-file`;
  if (status === 426) return "it speaks another version of the protocol (426): update the older side";
  if (status >= 300 && status < 400) return `it answers with a redirect (${status}), which is not followed`;
  return `it answers with status ${status}`;
}

async function shortText(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > ANSWER_BYTES_MAX) throw new NoAnswer("its answer is far too long for an agent's");
  }
  return text;
}

function lineOf(text: string): FeedLine {
  const parsed = FeedLine.safeParse(jsonOrUndefined(text));
  if (parsed.success) return parsed.data;
  throw new NoAnswer("a line of its observations is not understood");
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function keyOf({ node, stream }: { node: string; stream: number }): string {
  return `${node} ${stream}`;
}
