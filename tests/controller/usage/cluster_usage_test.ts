import { assertEquals } from "@std/assert";
import type { NodeState } from "../../../lib/cluster/node.ts";
import { ClusterUsage } from "../../../lib/controller/usage/cluster_usage.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { LittleCluster } from "../../support/little_cluster.ts";

const USED = { cpu: 0.5, memory_bytes: 7, replicas: [] };

/** Agents that answer as the test says. */
function agents(answer: (url: string, signal: AbortSignal) => Promise<Response> | Response) {
  let nowMs = 0;
  const asked: string[] = [];
  const ending = new AbortController();
  const source = {
    client: {
      request: async (url: string, path: string, { signal }: { signal: AbortSignal }) => {
        assertEquals(path, "/v1/usage");
        asked.push(url);
        return await answer(url, signal);
      },
    },
    clock: { ...systemClock, now: () => nowMs },
    ending: ending.signal,
  };
  return { source, asked, ending, pass: (ms: number) => nowMs += ms };
}

const nodes = (count: number): NodeState[] => LittleCluster.of(count).state.nodesByName;
const told = () => new Response(`${JSON.stringify(USED)}\n`);

Deno.test("of() asks each node once a second, whoever asks", async () => {
  const { source, asked, pass } = agents(told);
  const usage = new ClusterUsage();
  const [one, two] = nodes(2);
  await Promise.all([usage.of(source, [one!]), usage.of(source, [one!, two!])]);
  pass(999);
  const found = await usage.of(source, [one!, two!]);
  assertEquals([found.get(one!.record.id), found.size, asked.length], [USED, 2, 2]);
  pass(1);
  await usage.of(source, [two!]);
  assertEquals(asked.length, 3);
});

Deno.test("of() leaves out who is silent: lost, older, confused, failing, or too slow", async () => {
  const ends: Record<string, (signal: AbortSignal) => Promise<Response> | Response> = {
    n1: told,
    n2: () => new Response("{}", { status: 404 }),
    n3: () => new Response("[1]\n"),
    n4: () => Promise.reject(new Error("connection refused")),
    n5: (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  };
  const all = nodes(6);
  const named = new Map(all.map(({ record }) => [record.url, record.name]));
  const { source, asked, ending } = agents((url, signal) => ends[named.get(url)!]!(signal));
  all[5]!.liveness = "lost";
  const found = new ClusterUsage().of(source, all);
  setTimeout(() => ending.abort(), 0);
  assertEquals([...(await found).keys()], [all[0]!.record.id]);
  assertEquals(asked.length, 5);
});
