import { assertEquals } from "@std/assert";
import { afterProbe, initialReadiness, type Readiness } from "../../lib/agent/readiness.ts";
import { Health } from "../../lib/cluster/health.ts";

const HEALTH = Health.parse({ http: "/", start_period: "10s" });

/** Gives results in a row, each at the time that the one before asked for; "+" is well, "-" is not. */
function probes(results: string, health: Health = HEALTH): Readiness {
  let readiness = initialReadiness(health, 0);
  for (const result of results) {
    const ok = result === "+";
    const nowMs = readiness.nextProbeMs;
    readiness = afterProbe(readiness, health, { ok, detail: ok ? "" : "answers 500", sinceMs: 0, nowMs });
  }
  return readiness;
}

Deno.test("initialReadiness() is ready without a health check, and waits for a first probe with one", () => {
  assertEquals(initialReadiness(undefined, 5).ready, true);
  const { ready, started, nextProbeMs, detail } = initialReadiness(HEALTH, 5);
  assertEquals([ready, started, nextProbeMs, detail], [false, false, 20, "not probed yet"]);
});

Deno.test("afterProbe() takes one good answer for ready, and three bad ones in a row for not ready", () => {
  assertEquals(probes("-").ready, false);
  assertEquals(probes("--+").ready, true);
  assertEquals(probes("+--").ready, true);
  assertEquals(probes("+--+--").ready, true);
  assertEquals(probes("+---").ready, false);
  assertEquals(probes("+---+").ready, true);
});

Deno.test("afterProbe() follows the counts of the service", () => {
  const health = Health.parse({ tcp: true, healthy_after: 2, unhealthy_after: 1 });
  assertEquals(["+", "++", "+-+", "++-", "++-+"].map((results) => probes(results, health).ready), [
    false,
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("afterProbe() probes a starting instance often, with growing pauses, at most the interval", () => {
  const pauses = Array.from({ length: 20 }, (_, count) => Math.round(probes("-".repeat(count)).pauseMs));
  assertEquals(pauses.slice(0, 5), [15, 20, 25, 33, 43]);
  assertEquals(pauses.at(-1), 1_000);
  assertEquals(pauses.toSorted((a, b) => a - b), pauses);
  assertEquals(probes("++").pauseMs, 1_000, "what is ready is probed at its interval");
});

Deno.test("afterProbe() calls an instance started once it was ready or its start period is over", () => {
  assertEquals(probes("---").started, false);
  assertEquals(probes("---+").started, true);
  const late = afterProbe(initialReadiness(HEALTH, 0), HEALTH, { ok: false, detail: "", sinceMs: 0, nowMs: 10_000 });
  assertEquals([late.started, late.ready, late.pauseMs], [true, false, 1_000]);
});

Deno.test("afterProbe() keeps the reason of the last bad answer only", () => {
  assertEquals(probes("+-").detail, "answers 500");
  assertEquals(probes("+-+").detail, "");
});
