import { assertEquals, assertRejects } from "@std/assert";
import type { Handled, Memory, SessionEffect, SessionInput } from "../../lib/agent/session/effect.ts";
import { Executor } from "../../lib/agent/executor.ts";
import type { Feed } from "../../lib/agent/feed.ts";
import type { Instances } from "../../lib/agent/process/instances.ts";
import type { Leases } from "../../lib/agent/session/isolation.ts";
import type { Observation } from "../../lib/cluster/replica.ts";
import type { Session } from "../../lib/agent/session/session.ts";
import type { Clock } from "../../lib/runtime/clock.ts";

const MEMORY: Memory = { cluster: null, epoch: 1, revision: 1, node: "n1", replicas: [] };

/** An executor over a session that wants what it is told to want; `done` is what came of it, in order. */
function scene(wants: (input: SessionInput) => Handled, save: (memory: Memory) => Promise<void>) {
  const done: string[] = [];
  const session = { handle: wants, nextWakeMs: () => undefined } as unknown as Session;
  const instances = { signal: () => done.push("signal"), probe: () => done.push("probe") } as unknown as Instances;
  const feed = { tell: ({ kind }: { kind: string }) => done.push(kind) } as unknown as Feed;
  const clock: Clock = {
    now: () => 0,
    wall: () => 0,
    sleep: () => Promise.resolve(done.push("pause")).then(() => undefined),
  };
  const { signal } = new AbortController();
  const keep = () => Promise.resolve(done.push("keep")).then(() => undefined);
  return { executor: new Executor({ session, instances, feed, clock, save, keep, signal }), done };
}

const stop = { kind: "signal", instance: "i", signal: "SIGTERM", scope: "leader" } as const;

Deno.test("Executor does nothing that follows a memory before that is on the disk, and answers after it", async () => {
  const saved = Promise.withResolvers<void>();
  const reply = { kind: "accepted", epoch: 1, revision: 1 } as const;
  const wants = (): Handled => ({ effects: [{ kind: "remember", memory: MEMORY }, stop], reply });
  const { executor, done } = scene(wants, () => saved.promise);
  const answered = executor.take({ kind: "tick" }).then((answer) => {
    done.push("answer");
    return answer;
  });
  await Promise.resolve();
  assertEquals(done, []);
  saved.resolve();
  assertEquals(await answered, reply);
  assertEquals(done, ["signal", "answer"]);
});

Deno.test("Executor tries again when the disk refuses", async () => {
  let tries = 0;
  const save = () => ++tries < 3 ? Promise.reject(new Error("full")) : Promise.resolve();
  const { executor, done } = scene(() => ({ effects: [{ kind: "remember", memory: MEMORY }, stop] }), save);
  await executor.take({ kind: "tick" });
  assertEquals(done, ["pause", "pause", "signal"]);
});

Deno.test("Executor goes on after an input that failed", async () => {
  let broken = true;
  const wants = (): Handled => {
    if (!broken) return { effects: [stop] };
    broken = false;
    throw new Error("a bug");
  };
  const { executor, done } = scene(wants, () => Promise.resolve());
  executor.report({ kind: "tick" });
  await executor.take({ kind: "tick" });
  assertEquals(done, ["signal"]);
});

const observation = { replica: "r" } as unknown as Observation;

Deno.test("Executor tells, asks, keeps leases and says goodbye while the disk refuses, and begins nothing", async () => {
  const effects: SessionEffect[] = [
    { kind: "keep", leases: {} as Leases },
    { kind: "remember", memory: MEMORY },
    { kind: "observe", observation },
    { kind: "probe" } as SessionEffect,
    stop,
    { kind: "goodbye", replicas: "left" },
  ];
  const { executor, done } = scene(() => ({ effects }), () => new Promise(() => {}));
  executor.report({ kind: "tick" });
  assertEquals(await executor.goodbye, "left");
  assertEquals(done, ["observation", "probe", "keep"]);
});

Deno.test("Executor stops what is to go with it although the disk refuses", async () => {
  const remembers: Handled = { effects: [{ kind: "remember", memory: MEMORY }] };
  const wants = ({ kind }: SessionInput): Handled => kind === "leave" ? { effects: [stop] } : remembers;
  const { executor, done } = scene(wants, () => Promise.reject(new Error("no space left")));
  const refused = assertRejects(() => executor.take({ kind: "tick" }), Error, "no space left");
  await executor.take({ kind: "leave", replicas: "drained" });
  await refused;
  assertEquals(done.at(-1), "signal");
});

Deno.test("Executor hands on the goodbye", async () => {
  const { executor } = scene(() => ({ effects: [{ kind: "goodbye", replicas: "left" }] }), () => Promise.resolve());
  await executor.take({ kind: "leave", replicas: "left" });
  assertEquals(await executor.goodbye, "left");
});
