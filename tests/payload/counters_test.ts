import { assertEquals, assertMatch } from "@std/assert";
import { metricsText, newCounters } from "../../lib/payload/counters.ts";

const gauges = { uptimeMs: 1_500, startedAtMs: 2_000, residentBytes: 4_096, ready: true };

Deno.test("metricsText() is well-formed: each sample follows its help and type, the last line ends", () => {
  const counters = newCounters();
  counters.answered.set(500, 1).set(200, 41);
  const page = metricsText(counters, gauges);
  for (const line of page.trimEnd().split("\n")) {
    assertMatch(line, /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]+"\})? [\d.]+)$/);
  }
  assertEquals(page.endsWith("\n"), true);
  const types = [...page.matchAll(/^# TYPE (\S+) (\S+)/gm)].map(([, name, type]) => [name, type]);
  for (const [name, type] of types) assertEquals(name!.endsWith("_total"), type === "counter", name);
});

Deno.test("metricsText() shows counts by code in order, base units and the build", () => {
  const counters = newCounters();
  counters.answered.set(500, 1).set(200, 41);
  const samples = metricsText(counters, gauges).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assertEquals(samples.slice(0, -1), [
    `muster_payload_requests_total{code="200"} 41`,
    `muster_payload_requests_total{code="500"} 1`,
    "muster_payload_requests_in_flight 0",
    "muster_payload_ready 1",
    "muster_payload_uptime_seconds 1.5",
    "process_start_time_seconds 2",
    "process_resident_memory_bytes 4096",
  ]);
  assertMatch(samples.at(-1)!, /^muster_build_info\{version="\d+\.\d+\.\d+"\} 1$/);
});
