import { assert, assertEquals } from "@std/assert";
import { topPage } from "../../../../lib/console/cli/using/top_page.ts";
import { UsageHistory } from "../../../../lib/console/cli/using/usage_history.ts";
import type { UsageView } from "../../../../lib/wire/usage.ts";
import { nodeView, usageOf } from "../sample_cluster.ts";

function usageWith(count: number): UsageView {
  const usage = usageOf();
  const [replica] = usage.replicas;
  const replicas = Array.from({ length: count }, (_, at) => ({
    ...replica!,
    id: `r${at}`,
    name: `web.${at}`,
    cpu: at / 10,
    memory_bytes: (count - at) * 1_048_576,
  }));
  return { ...usage, replicas, silent: [] };
}

function namesIn(page: string): string[] {
  return page.match(/web\.\d+/g) ?? [];
}

const wide = { width: 80, colours: false, height: undefined };

Deno.test("topPage() puts first what uses most, or goes by names as people count", () => {
  const sample = { usage: usageWith(11), nodes: [nodeView()] };
  const options = { history: new UsageHistory() };
  assertEquals(namesIn(topPage(sample, wide, { ...options, sort: "cpu" }))[0], "web.10");
  assertEquals(namesIn(topPage(sample, wide, { ...options, sort: "memory" }))[0], "web.0");
  assertEquals(namesIn(topPage(sample, wide, { ...options, sort: "name" })).slice(1, 3), ["web.1", "web.2"]);
});

Deno.test("topPage() keeps to the terminal's lines and says how much is beyond", () => {
  const sample = { usage: usageWith(100), nodes: [nodeView()] };
  for (const height of [8, 12, 24, 50]) {
    const page = topPage(sample, { ...wide, height }, { sort: "cpu", history: new UsageHistory() });
    const lines = page.trimEnd().split("\n");
    assert(lines.length <= height, `${lines.length} lines on a screen of ${height}`);
    assertEquals(lines.filter((line) => line.length > 80), []);
    assert(page.includes(`and ${100 - namesIn(page).length} more`));
  }
});

Deno.test("topPage() draws the last minute, each column with the most of its seconds", () => {
  const history = new UsageHistory();
  for (let second = 0; second < 70; second++) {
    history.add({ ...usageWith(1), replicas: [{ ...usageWith(1).replicas[0]!, cpu: second < 40 ? 0 : 1 }] });
  }
  const page = topPage({ usage: usageWith(1), nodes: [nodeView()] }, wide, { sort: "cpu", history });
  assert(page.includes("▁▁▁▁▁█████"), page);
});

Deno.test("UsageHistory keeps a minute, and nothing of what is gone", () => {
  const history = new UsageHistory();
  for (let second = 0; second < 70; second++) history.add(usageWith(2));
  assertEquals(history.of("r1").length, 60);
  history.add(usageWith(1));
  assertEquals([history.of("r0").length, history.of("r1").length], [60, 0]);
});
