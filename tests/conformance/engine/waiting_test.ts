/**
 * Requests that come while the only replica of their service has died and nobody has said so yet: they wait for the next
 * one, and none of them fails.
 * @module
 */
import { assertEquals } from "@std/assert";
import { TrafficMetrics } from "../../../lib/ingress/seen/traffic_metrics.ts";
import { TrafficTotals } from "../../../lib/ingress/seen/traffic_totals.ts";
import { until } from "../../../scripts/local_program.ts";
import { endpointAt, serveReplica } from "../../ingress/rig.ts";
import { granted } from "../../support/granted.ts";
import { samplesIn } from "../../support/metrics_page.ts";
import { type EngineRig, startEngine } from "./rig.ts";

const LINE = 'muster_ingress_queue_length{service="web",route="web */"}';

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn });
}

/** An engine whose only replica doesn't listen, and how many requests wait there. */
function startWithDead(route: { queue?: { timeout: string } } = {}): EngineRig & { waiting: () => number } {
  const dead = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  dead.close();
  const [metrics, totals] = [new TrafficMetrics(), new TrafficTotals()];
  const rig = startEngine([{ endpoint: endpointAt(dead.addr.port) }], { metrics, route });
  const waiting = () => {
    totals.add(0, metrics.takeBatch());
    return samplesIn(totals.text()).get(LINE) ?? 0;
  };
  return { ...rig, waiting };
}

test("however many come at a replica that has just died, all wait for the next one", async () => {
  await using next = serveReplica(() => new Response("here"));
  await using rig = startWithDead();
  const asked: Promise<string>[] = [];
  // Those that fail must not send those away that have failed before.
  for (const count of [1, 60, 60]) {
    const method = count === 1 ? "POST" : "GET";
    for (let at = 0; at < count; at++) asked.push(fetch(rig.url, { method }).then((response) => response.text()));
    await until(() => rig.waiting() === asked.length, { what: "all to wait" });
  }
  rig.set([next]);
  assertEquals(new Set(await Promise.all(asked)), new Set(["here"]));
});

test("nobody waits longer for a replica that has died than its route says, though others come meanwhile", async () => {
  await using rig = startWithDead({ queue: { timeout: "600ms" } });
  const first = fetch(rig.url);
  const others: Promise<unknown>[] = [];
  const timer = setInterval(() => {
    others.push(fetch(rig.url).then((response) => response.text()));
  }, 50);
  const { status } = await first;
  clearInterval(timer);
  assertEquals(status, 502);
  others.push((await first).body!.cancel());
  await Promise.all(others);
});
