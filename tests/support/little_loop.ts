/**
 * A controller's loop in the hand of a test: it answers for agents and store when the test says so, at the time of a
 * virtual clock, and keeps the effects. `meet` does what every test begins with: a node is probed, its stream opened, and
 * its orders taken.
 * @module
 */
import type { Commit, StoreRecord } from "../../lib/cluster/record.ts";
import type { Observation } from "../../lib/cluster/replica.ts";
import type { LoopEffect, LoopInput } from "../../lib/controller/loop/effect.ts";
import { Loop } from "../../lib/controller/loop/loop.ts";
import { seededRandom } from "../../lib/runtime/random.ts";
import type { AgentHealth, FeedLine, OrdersReply } from "../../lib/wire/protocol.ts";
import { CLUSTER, idOf, wallAt } from "./builders.ts";

type Of<Kind extends LoopEffect["kind"]> = Extract<LoopEffect, { kind: Kind }>;
/** A line without its number. */
type Line = FeedLine extends infer One ? One extends { seq: number } ? Omit<One, "seq"> : never : never;

export class LittleLoop {
  readonly loop = new Loop({ settings: { healthIntervalMs: 1_000, lostAfterMs: 3_000 }, random: seededRandom(1) });
  nowMs = 1_000_000;
  readonly effects: LoopEffect[] = [];
  #seq = 0;

  /** A loop that has loaded these records, at epoch 2. */
  static of(...records: StoreRecord[]): LittleLoop {
    const little = new LittleLoop();
    const snapshot = {
      cluster: CLUSTER,
      epoch: 2,
      revision: 5,
      records: records.map((record) => ({ record, revision: 5 })),
    };
    little.give({ kind: "loaded", snapshot, epoch: 2 });
    return little;
  }

  give(input: LoopInput): LoopEffect[] {
    return this.#keep(this.loop.handle(input, this.nowMs));
  }

  decide(): LoopEffect[] {
    return this.#keep(this.loop.decide(this.nowMs, wallAt(this.nowMs)));
  }

  /** Lets time pass in the small ticks of a shell that is awake. */
  wait(ms: number): LoopEffect[] {
    const effects: LoopEffect[] = [];
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs;) {
      this.nowMs = Math.min(untilMs, this.nowMs + 250);
      effects.push(...this.give({ kind: "tick" }), ...this.decide());
    }
    return effects;
  }

  /** The newest effect of a kind, about a node if one is given. */
  last<Kind extends LoopEffect["kind"]>(kind: Kind, n?: number): Of<Kind> {
    const node = n === undefined ? undefined : idOf("node", n);
    const found = this.effects.findLast((effect): effect is Of<Kind> =>
      effect.kind === kind && (node === undefined || ("node" in effect && effect.node === node))
    );
    if (found === undefined) throw new Error(`Cannot find an effect "${kind}": there was none`);
    return found;
  }

  count(kind: LoopEffect["kind"]): number {
    return this.effects.filter((effect) => effect.kind === kind).length;
  }

  /** What was told, in words. */
  told(effects: readonly LoopEffect[] = this.effects): string[] {
    return effects.flatMap((effect) => effect.kind === "happened" ? [effect.happening.text] : []);
  }

  healthOf(n: number, fields: Partial<AgentHealth> = {}): AgentHealth {
    return {
      program: "muster-agent",
      identity: idOf("agent", n),
      name: `n${n}`,
      version: "1",
      cluster: CLUSTER,
      epoch: 0,
      revision: 0,
      labels: {},
      capacity: { cpu: 4, memory: 4_096 },
      leaving: false,
      ...fields,
    };
  }

  /** The agent answers the newest probe. */
  answer(n: number, fields: Partial<AgentHealth> = {}): LoopEffect[] {
    const { probe } = this.last("probe", n);
    return this.give({ kind: "probe_answered", node: idOf("node", n), probe, health: this.healthOf(n, fields) });
  }

  fail(n: number): LoopEffect[] {
    const { probe } = this.last("probe", n);
    return this.give({ kind: "probe_failed", node: idOf("node", n), probe, reason: "no answer" });
  }

  /** A line on the newest stream. */
  line(n: number, line: Line): LoopEffect[] {
    const { stream } = this.last("open_stream", n);
    return this.give({ kind: "line", node: idOf("node", n), stream, line: { ...line, seq: ++this.#seq } });
  }

  snapshot(n: number, ...replicas: Observation[]): LoopEffect[] {
    return this.line(n, { kind: "snapshot", identity: idOf("agent", n), replicas });
  }

  /** The agent answers the newest orders; it takes them unless another reply is given. */
  reply(n: number, reply?: OrdersReply): LoopEffect[] {
    const { send, orders } = this.last("send_orders", n);
    const taken = { kind: "accepted" as const, epoch: orders.epoch, revision: orders.revision };
    return this.give({ kind: "orders_answered", node: idOf("node", n), send, reply: reply ?? taken });
  }

  /** A node is probed, tells what runs there, and takes its orders. */
  meet(n: number, ...replicas: Observation[]): void {
    const sent = this.count("send_orders");
    this.answer(n);
    this.snapshot(n, ...replicas);
    if (this.count("send_orders") > sent) this.reply(n);
  }

  /** The store takes the newest transaction: the commit comes back, then its outcome. */
  committed(): LoopEffect[] {
    const { changes } = this.last("commit");
    const commit: Commit = { revision: this.loop.state.revision + 1, changes };
    return [...this.write(commit), ...this.ended({ kind: "committed", revision: commit.revision })];
  }

  /** A commit of this loop or of somebody else. */
  write(commit: Commit): LoopEffect[] {
    return this.give({ kind: "committed", commit });
  }

  ended(outcome: Extract<LoopInput, { kind: "commit_ended" }>["outcome"]): LoopEffect[] {
    return this.give({ kind: "commit_ended", outcome });
  }

  #keep(effects: LoopEffect[]): LoopEffect[] {
    this.effects.push(...effects);
    return effects;
  }
}
