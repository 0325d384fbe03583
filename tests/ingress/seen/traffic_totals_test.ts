import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { BOUNDS_MS } from "../../../lib/ingress/seen/traffic_layout.ts";
import { TrafficMetrics } from "../../../lib/ingress/seen/traffic_metrics.ts";
import { TrafficTotals } from "../../../lib/ingress/seen/traffic_totals.ts";
import { granted } from "../../support/granted.ts";

function busy(): TrafficMetrics {
  const metrics = new TrafficMetrics();
  const route = metrics.route("web", 'odd"\\\nname');
  route.add("requests_in_flight");
  route.add("queue_length");
  route.waited(250);
  route.head(4);
  route.answered(200, 5);
  route.answered(503, 90_000);
  route.failed("rate-limited");
  route.failed("broken-off");
  route.passed(10, 20);
  route.add("retries_total");
  route.add("websockets", 2);
  const slot = metrics.slot("web", 3);
  slot.answered(200, 4);
  slot.failed("no-answer");
  slot.add("replica_ejections_total");
  slot.add("replica_requests_in_flight");
  metrics.edge.add("connections_total");
  metrics.edge.add("connections");
  metrics.edge.add("tcp_connections", 7);
  return metrics;
}

/** The value of the line that begins so. */
function valueOf(totals: TrafficTotals, beginning: string): number | undefined {
  const line = totals.text().split("\n").find((one) => one.startsWith(`muster_ingress_${beginning}`));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ")));
}

Deno.test("TrafficTotals prints base units, with the labels of each row", () => {
  const totals = new TrafficTotals();
  totals.add(1, busy().takeBatch());
  const text = totals.text();
  const route = String.raw`{service="web",route="odd\"\\\nname"`;
  for (
    const line of [
      `requests_total${route},code="2xx"} 1`,
      `requests_total${route},code="5xx"} 1`,
      `request_duration_seconds_bucket${route},le="0.005"} 1`,
      `request_duration_seconds_bucket${route},le="60"} 1`,
      `request_duration_seconds_bucket${route},le="+Inf"} 2`,
      `request_duration_seconds_sum${route}} 90.005`,
      `request_duration_seconds_count${route}} 2`,
      `head_duration_seconds_count${route}} 1`,
      `errors_total${route},reason="rate-limited"} 1`,
      `received_bytes_total${route}} 10`,
      `sent_bytes_total${route}} 20`,
      `queue_waits_total${route}} 1`,
      `queue_wait_seconds_total${route}} 0.25`,
      `queue_length${route}} 0`,
      `websockets${route}} 2`,
      'replica_requests_total{service="web",slot="3",code="2xx"} 1',
      'replica_head_duration_seconds_sum{service="web",slot="3"} 0.004',
      'replica_errors_total{service="web",slot="3",reason="no-answer"} 1',
      'replica_ejections_total{service="web",slot="3"} 1',
      "tcp_connections 7",
    ]
  ) assert(text.includes(`\nmuster_ingress_${line}\n`), line);
});

Deno.test({
  name: "promtool finds nothing wrong with the metrics",
  ignore: !granted || !isThere("/usr/bin/promtool"),
  fn: async () => {
    const totals = new TrafficTotals();
    totals.add(1, busy().takeBatch());
    const child = new Deno.Command("/usr/bin/promtool", {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(totals.text()));
    await writer.close();
    const { code, stdout, stderr } = await child.output();
    const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    assertEquals([code, said], [0, ""]);
  },
});

function isThere(path: string): boolean {
  try {
    return granted && Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("TrafficTotals names each metric once, with its help and type", () => {
  const totals = new TrafficTotals();
  totals.add(1, busy().takeBatch());
  const heads = totals.text().split("\n").filter((line) => line.startsWith("# TYPE"));
  assertEquals(new Set(heads).size, heads.length);
  for (const line of totals.text().trimEnd().split("\n")) {
    assertMatch(line, /^(# (HELP|TYPE) muster_ingress_|muster_ingress_\w+(\{.*\})? -?[\d.e+-]+$)/);
  }
});

Deno.test("TrafficTotals adds up workers, and takes what was open along with one that has gone", () => {
  const totals = new TrafficTotals();
  totals.add(1, busy().takeBatch());
  totals.add(2, busy().takeBatch());
  assertEquals(["tcp_connections ", "websockets{", "connections_total "].map((name) => valueOf(totals, name)), [
    14,
    4,
    2,
  ]);
  totals.gone(1);
  totals.gone(1);
  assertEquals(["tcp_connections ", "websockets{", "connections_total "].map((name) => valueOf(totals, name)), [
    7,
    2,
    2,
  ]);
});

Deno.test("TrafficTotals forgets services that are no more", () => {
  const totals = new TrafficTotals();
  totals.add(1, busy().takeBatch());
  totals.keep((service) => service === "web");
  assertEquals(valueOf(totals, "websockets{"), 2);
  totals.keep((service) => service === "db");
  assertEquals(totals.text().includes('web"'), false);
  assertEquals(valueOf(totals, "tcp_connections "), 7);
  totals.gone(1);
  assertEquals(valueOf(totals, "tcp_connections "), 0);
});

Deno.test("TrafficTotals keeps so many rows, and counts the rest as other", () => {
  const totals = new TrafficTotals({ rowsMax: { route: 2 } });
  for (const worker of [1, 2]) {
    const metrics = new TrafficMetrics();
    for (const name of ["a", "b", "c"]) metrics.route(`w${worker}`, name).answered(200, 1);
    totals.add(worker, metrics.takeBatch());
  }
  assertEquals(valueOf(totals, 'requests_total{service="other",route="other",code="2xx"}'), 4);
  assertEquals(valueOf(totals, 'requests_total{service="w1",route="a",code="2xx"}'), 1);
});

Deno.test("a duration is counted in the buckets of all bounds that it keeps, and nowhere else", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), { maxLength: 50 }), (durations) => {
      const [metrics, totals] = [new TrafficMetrics(), new TrafficTotals()];
      const row = metrics.route("web", "0");
      row.add("retries_total");
      for (const ms of durations) row.answered(200, ms);
      totals.add(1, metrics.takeBatch());
      for (const bound of BOUNDS_MS) {
        const name = `request_duration_seconds_bucket{service="web",route="0",le="${bound / 1_000}"}`;
        assertEquals(valueOf(totals, name), durations.filter((ms) => ms <= bound).length);
      }
      assertEquals(valueOf(totals, "request_duration_seconds_count"), durations.length);
    }),
    { numRuns: 30 },
  );
});
