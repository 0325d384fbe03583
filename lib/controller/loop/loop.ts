/**
 * The controller's mind: facts in, decisions out. It owns the cluster's state and one `Link` per node, plans whenever
 * something has changed or time has come, and has one transaction under way at most. Orders to agents follow from what
 * the store has committed, never from what is merely planned.
 * @module
 */
import { apply } from "../../cluster/apply.ts";
import { endpointsOf } from "../../cluster/endpoint.ts";
import type { Event, Happening } from "../../cluster/event.ts";
import type { Change } from "../../cluster/record.ts";
import { type ClusterState, emptyState } from "../../cluster/state.ts";
import type { Wait } from "../../plan/action.ts";
import { plan } from "../../plan/plan.ts";
import type { Random } from "../../runtime/random.ts";
import type { FeedLine } from "../../wire/protocol.ts";
import type { CommitOutcome, LoopEffect, LoopInput, LoopSettings } from "./effect.ts";
import { Link } from "./link.ts";
import { isAnothers, isKnownAgent, NodeCorrections } from "./node_corrections.ts";
import { ordersFor } from "./orders.ts";
import { refusalOf } from "./orders_refused.ts";
import { skewNews } from "./skew_news.ts";
import { StoreRoom } from "./store_room.ts";
import { type Transaction, transactionOf } from "./transaction.ts";
import { WaitNews } from "./wait_news.ts";

const COMMIT_RETRY_MS = 1_000;

export class Loop {
  readonly state: ClusterState;
  readonly #settings: LoopSettings;
  readonly #random: Random;
  readonly #links = new Map<string, Link>();
  #effects: LoopEffect[] = [];
  #lastMs: number | undefined;
  /** Something has changed since the last plan. */
  #stirred = false;
  #wakeMs: number | undefined;
  #underWay: Transaction | undefined;
  /** What the last transaction changes. */
  #wanted: readonly Change[] = [];
  /** The store has committed up to here, and the commits are on their way to this loop. */
  #awaited = 0;
  readonly #corrections: NodeCorrections;
  #waits: Wait[] = [];
  readonly #waitNews = new WaitNews();
  readonly #room = new StoreRoom();

  constructor({ settings, random }: { settings: LoopSettings; random: Random }) {
    const misses = Math.max(1, Math.ceil(settings.lostAfterMs / settings.healthIntervalMs));
    this.state = emptyState({ misses, lostAfterMs: settings.lostAfterMs }, settings.placing);
    this.#corrections = new NodeCorrections(this.state);
    this.#settings = settings;
    this.#random = random;
  }

  /** What ought to be done and cannot be now, as of the last plan. */
  get waits(): readonly Wait[] {
    return this.#waits;
  }

  /** The last decision could not be kept, as the store has no space left. */
  get isStoreFull(): boolean {
    return this.#room.isFull;
  }

  /** Takes one input in and gives what is to be done. */
  handle(input: LoopInput, nowMs: number): LoopEffect[] {
    this.#effects = [];
    this.#noticePause(nowMs);
    this.#take(input, nowMs);
    // What an input costs must not grow with the number of nodes: only time and commits concern all of them.
    if (input.kind === "loaded" || input.kind === "committed") this.#followCommits(nowMs);
    if ("node" in input) this.#converse(input.node, nowMs);
    else for (const node of this.#links.keys()) this.#converse(node, nowMs);
    this.#tellIngress();
    return this.#effects;
  }

  /** Decides, if anything has changed. The shell calls this once for many inputs. `wall`: the time of day, RFC 3339. */
  decide(nowMs: number, wall: string): LoopEffect[] {
    const due = this.#stirred || (this.#wakeMs !== undefined && this.#wakeMs <= nowMs);
    if (!due || this.#underWay !== undefined || this.state.revision < this.#awaited) return [];
    this.#stirred = false;
    const { actions, waits, wakeMs, balance } = plan(this.state, nowMs);
    this.#wakeMs = wakeMs;
    if (balance !== undefined) apply(this.state, { kind: "balance_weighed", found: balance }, nowMs);
    this.#waits = waits;
    const effects = this.#waitNews.tell(waits, nowMs).map(told);
    const transaction = transactionOf(this.state, actions, { random: this.#random, wall });
    transaction.changes.push(...this.#corrections.take(transaction.changes));
    if (transaction.changes.length === 0) return [...effects, ...this.#room.heard("nothing").map(told)];
    this.#underWay = transaction;
    this.#wanted = transaction.changes;
    const { changes, expectedRevision } = transaction;
    return [...effects, { kind: "commit", changes, expectedRevision }];
  }

  #noticePause(nowMs: number): void {
    if (this.#lastMs !== undefined && nowMs - this.#lastMs > this.#settings.healthIntervalMs) {
      this.#apply({ kind: "paused" }, nowMs);
      for (const link of this.#links.values()) this.#effects.push(...link.forgive(nowMs));
    }
    this.#lastMs = nowMs;
  }

  #take(input: LoopInput, nowMs: number): void {
    switch (input.kind) {
      case "loaded":
        this.#apply(input, nowMs);
        this.state.epoch = input.epoch;
        return;
      case "committed":
        return this.#apply(input, nowMs);
      case "commit_ended":
        return this.#commitEnded(input.outcome, nowMs);
      case "probe_answered":
        return this.#probeAnswered(input, nowMs);
      case "probe_failed":
        if (this.#links.get(input.node)?.probeEnded(input.probe, undefined) !== true) return;
        return this.#apply({ kind: "missed", node: input.node }, nowMs);
      case "line":
        if (this.#links.get(input.node)?.lineHeard(input.stream, input.line.seq, nowMs) !== true) return;
        return this.#lineHeard(input.node, input.line, nowMs);
      case "stream_ended":
        if (this.#links.get(input.node)?.streamEnded(input.stream) !== true) return;
        return this.#apply({ kind: "cut", node: input.node }, nowMs);
      case "orders_answered":
        return this.#ordersAnswered(input, nowMs);
      case "orders_failed":
        this.#links.get(input.node)?.ordersEnded(input.send, { nowMs });
        return;
      case "rebalance_asked":
        return this.#apply(input, nowMs);
      case "tick":
        return;
      default:
        return input satisfies never;
    }
  }

  #apply(event: Event, nowMs: number): void {
    const happenings = apply(this.state, event, nowMs);
    // That a node answered, as it always does, is nothing to think about.
    if (event.kind !== "heard" && event.kind !== "missed") this.#stirred = true;
    for (const happening of happenings) {
      this.#stirred = true;
      this.#effects.push({ kind: "happened", happening });
    }
  }

  #probeAnswered({ node: id, probe, health }: Extract<LoopInput, { kind: "probe_answered" }>, nowMs: number): void {
    const bound = health.cluster === null || health.cluster === this.state.cluster;
    const { identity, epoch, revision } = health;
    // An agent that follows newer orders than this store knows was led by another life of it: it is asked, and says so.
    const ahead = epoch > this.state.epoch || (epoch === this.state.epoch && revision > this.state.revision);
    const answer = bound && !ahead ? { identity, epoch, revision } : { identity, epoch: -1, revision: -1 };
    const node = this.state.nodes.get(id);
    // Who answers there is another node's agent: of this one nothing was heard.
    const isOther = node !== undefined && isAnothers(this.state, node.record, identity);
    if (this.#links.get(id)?.probeEnded(probe, isOther ? { identity } : answer) !== true || !node) return;
    if (isOther) return this.#apply({ kind: "missed", node: id }, nowMs);
    const { liveness, version } = node;
    if (this.#corrections.hear(node.record, health)) this.#stirred = true;
    this.#apply({ kind: "heard", node: id, version: health.version, leaving: health.leaving }, nowMs);
    const { run, reply } = health;
    const isHeard = bound && health.identity === node.record.identity && node.heardMs === nowMs;
    if (isHeard && run !== undefined && reply !== undefined) {
      this.#links.get(id)?.received({ run, reply, node: id, epoch: this.state.epoch });
    }
    if (node.liveness !== liveness) this.#stirred = true;
    this.#effects.push(...skewNews(node, version).map(told));
  }

  #lineHeard(node: string, line: FeedLine, nowMs: number): void {
    switch (line.kind) {
      case "snapshot":
        return this.#snapshotHeard(node, line, nowMs);
      case "observation":
        return this.#apply({ kind: "observed", node, observation: line.observation }, nowMs);
      case "gone":
        return this.#apply({ kind: "gone", node, replica: line.replica }, nowMs);
      case "leaving":
        return this.#apply({ kind: "leaving", node }, nowMs);
      case "goodbye":
        this.#effects.push(...(this.#links.get(node)?.part() ?? []));
        return this.#apply({ kind: "goodbye", node, replicas: line.replicas }, nowMs);
      case "heartbeat":
        return;
      default:
        return line satisfies never;
    }
  }

  /** Another agent may have taken over the address since the probe: what it sees, now and later, is not of this node. */
  #snapshotHeard(node: string, { identity, replicas }: Extract<FeedLine, { kind: "snapshot" }>, nowMs: number): void {
    const link = this.#links.get(node);
    if (link !== undefined && identity !== link.identity) this.#effects.push(...link.close());
    else this.#apply({ kind: "snapshot", node, replicas }, nowMs);
  }

  #ordersAnswered({ node, send, reply }: Extract<LoopInput, { kind: "orders_answered" }>, nowMs: number): void {
    const accepted = reply.kind === "accepted";
    const outcome = accepted ? { followed: { epoch: reply.epoch, revision: reply.revision }, nowMs } : { nowMs };
    const link = this.#links.get(node);
    if (link?.ordersEnded(send, outcome) !== true) return;
    const happening = accepted ? undefined : refusalOf(this.state.nodes.get(node)?.record, reply);
    if (link.refused(happening?.text ?? "") && happening !== undefined) {
      this.#effects.push({ kind: "happened", happening });
    }
  }

  #commitEnded(outcome: CommitOutcome, nowMs: number): void {
    const transaction = this.#underWay;
    this.#underWay = undefined;
    this.#stirred = true;
    this.#effects.push(...this.#room.heard(outcome.kind).map(told));
    if (outcome.kind === "committed") {
      this.#awaited = outcome.revision;
      for (const happening of transaction?.happenings ?? []) this.#effects.push({ kind: "happened", happening });
    } else if (outcome.kind === "conflict") {
      this.#awaited = outcome.revision;
    } else {
      this.#stirred = false;
      this.#wakeMs = nowMs + COMMIT_RETRY_MS;
    }
  }

  /** Makes links for new nodes, ends those of removed ones, and notes whose orders have changed. */
  #followCommits(nowMs: number): void {
    for (const { record } of this.state.nodesByName) {
      const link = this.#links.get(record.id);
      if (link !== undefined) this.#effects.push(...link.moveTo(record.url, nowMs));
      else this.#links.set(record.id, new Link(record.id, record.url, { settings: this.#settings, nowMs }));
    }
    for (const [node, link] of this.#links) {
      if (this.state.nodes.has(node)) continue;
      if (!isKnownAgent(this.state, link.identity)) {
        this.#effects.push(link.sendOrders(ordersFor(this.state, { node, ...link.answered }), nowMs));
      }
      this.#effects.push(...link.close());
      this.#links.delete(node);
    }
    for (const node of this.state.ordersChanged) this.#links.get(node)?.ordersChanged(this.state.revision);
    this.state.ordersChanged.clear();
  }

  #converse(node: string, nowMs: number): void {
    const link = this.#links.get(node);
    if (link === undefined) return;
    const { effects, cut } = link.due(nowMs);
    if (cut) this.#apply({ kind: "cut", node }, nowMs);
    this.#effects.push(...effects);
    // Orders are for the agent that the record names, and for no other that may answer at its address.
    const isItself = link.identity === this.state.nodes.get(node)?.record.identity;
    const isDue = isItself && !this.state.unheard.has(node) && link.ordersDue(this.state.epoch, nowMs);
    if (isDue && !this.#isGivenUp(node)) {
      this.#effects.push(link.sendOrders(ordersFor(this.state, { node, ...link.answered }), nowMs));
    }
  }

  /** Whether a replica of a node is being given up: back in this very moment, it is not to begin what others will, too. */
  #isGivenUp(node: string): boolean {
    if (this.#underWay === undefined && this.state.revision >= this.#awaited) return false;
    const keys = new Set([...this.state.nodes.get(node)?.replicas ?? []].map((id) => `assignment/${id}`));
    return this.#wanted.some((change) => change.op === "delete" && keys.has(change.key));
  }

  #tellIngress(): void {
    for (const service of this.state.endpointsChanged) {
      this.#effects.push({ kind: "endpoints", service, endpoints: endpointsOf(this.state, service) });
    }
    this.state.endpointsChanged.clear();
  }
}

function told(happening: Happening): LoopEffect {
  return { kind: "happened", happening };
}
