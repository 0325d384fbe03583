import { assertEquals } from "@std/assert";
import { WaitNews } from "../../../lib/controller/loop/wait_news.ts";
import type { Wait } from "../../../lib/plan/action.ts";

const wait = (reason: string, fields: Partial<Wait> = {}): Wait => ({
  service: "web",
  slot: 0,
  reason,
  kind: "blocked",
  ...fields,
});

Deno.test("WaitNews tells a wait once, for as long as it holds", () => {
  const news = new WaitNews();
  assertEquals(news.tell([wait("no node")], 0).map(({ text }) => text), ["web.0 waits: no node"]);
  assertEquals(news.tell([wait("no node"), wait("no node", { slot: 1 })], 90_000), []);
  news.tell([], 90_001);
  assertEquals(news.tell([wait("no node")], 90_002).length, 1);
});

Deno.test("WaitNews tells what only differs in its details once a minute at most, and what is new at once", () => {
  const news = new WaitNews();
  assertEquals(news.tell([wait("crashed 3 times: 1.5 left")], 0).length, 1);
  assertEquals(news.tell([wait("crashed 4 times: 0.5 left")], 30_000).length, 0);
  assertEquals(news.tell([wait("no node has room")], 30_001).length, 1);
  assertEquals(news.tell([wait("crashed 5 times: 0.5 left", { service: "api" })], 30_002).length, 1);
  assertEquals(news.tell([wait("crashed 4 times: 0.5 left")], 60_000).length, 1);
});

Deno.test("WaitNews leaves the steps of what is under way to the rollout's own events", () => {
  assertEquals(new WaitNews().tell([wait("2 of 3", { kind: "step" })], 0), []);
});
