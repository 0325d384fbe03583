/**
 * How a service is asked: requests each second, how many of them failed, and how long they took, over the last minutes.
 * @module
 */
import type { TrafficView } from "../../../../wire/usage.ts";
import { client } from "../../api.ts";
import { Card } from "../../components/card.tsx";
import { Chart } from "../../components/chart.tsx";
import { decimalSteps } from "../../components/chart_steps.ts";
import { latency, rate } from "../../format.ts";
import { usePolled } from "../../live/polling.ts";

const TRAFFIC_MS = 2_000;
/** From a tenth of a request on. */
const RATE_STEPS = decimalSteps(-1);
/** From a microsecond on. */
const LATENCY_STEPS = decimalSteps(-6);

export function TrafficCard({ name }: { name: string }) {
  const traffic = usePolled((signal) => client.getTraffic({ name }, { signal }), { everyMs: TRAFFIC_MS, key: name });
  const { answer, refusal } = traffic.value;
  if (refusal !== undefined) return null;
  return (
    <Card title="Requests" aside="through this controller and its ingress">
      {answer === undefined || answer.points.every(({ requests }) => requests === 0)
        ? <p class="faint">No requests in the last minutes.</p>
        : <Charts traffic={answer} />}
    </Card>
  );
}

function Charts({ traffic: { points, interval_s } }: { traffic: TrafficView }) {
  const times = points.map(({ at }) => Date.parse(at) / 1_000);
  const perSecond = points.map(({ requests }) => requests / interval_s);
  const errors = points.map((point) => point.errors / interval_s);
  const last = points.at(-1);
  return (
    <div class="charts">
      <Chart
        title="Requests per second"
        now={rate(perSecond.at(-1) ?? 0)}
        times={times}
        lines={[{ label: "requests", color: "busy", values: perSecond, fill: true }]}
        format={rate}
        steps={RATE_STEPS}
      />
      <Chart
        title="Errors per second"
        now={rate(errors.at(-1) ?? 0)}
        times={times}
        lines={[{ label: "errors", color: "bad", values: errors, fill: true }]}
        format={rate}
        steps={RATE_STEPS}
      />
      <Chart
        title="Latency, p50 · p99"
        now={last?.p50_s === null || last === undefined ? "–" : `${latency(last.p50_s)} · ${latency(last.p99_s ?? 0)}`}
        times={times}
        lines={[
          { label: "p50", color: "busy", values: points.map(({ p50_s }) => p50_s) },
          { label: "p99", color: "warn", values: points.map(({ p99_s }) => p99_s) },
        ]}
        format={latency}
        steps={LATENCY_STEPS}
      />
    </div>
  );
}
