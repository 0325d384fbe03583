/**
 * How long a client waits at 2,000 requests a second, which none of the candidates finds hard.
 * @module
 */
import { atConstantRate, type Latencies } from "./constant_rate.ts";
import { HAPROXY, MUSTER, NGINX, present } from "./peers.ts";
import { inTurn, type Mark, medianBy, type Plan, type Report, shown } from "./report.ts";
import { startCandidate, startReplica } from "./scene.ts";

export const PER_SECOND = 2_000;
export const CONNECTIONS = 64;
const WARM_UP_S = 2;

export async function latency({ seconds, rounds, folder }: Plan): Promise<Report[]> {
  await using replica = await startReplica();
  const samples = await inTurn(await present([NGINX, HAPROXY, MUSTER]), {
    rounds,
    measure: async (candidate) => {
      await using program = await startCandidate(candidate, { replica, folder });
      const rate = { port: program.port, perSecond: PER_SECOND, connections: CONNECTIONS };
      await atConstantRate({ ...rate, seconds: WARM_UP_S });
      return await atConstantRate({ ...rate, seconds });
    },
  });
  const median = (name: string, value: (sample: Latencies) => number) => medianBy(samples.get(name), value);
  const p50 = (name: string) => median(name, ({ p50Ms }) => p50Ms);
  const p99 = (name: string) => median(name, ({ p99Ms }) => p99Ms);
  const marks: Mark[] = [
    { what: "ms of p50 beyond nginx's", measured: p50("Muster") - p50("nginx"), bound: { atMost: 0.2 } },
    { what: "p99, of nginx's", measured: p99("Muster") / p99("nginx"), bound: { atMost: 2 } },
  ];
  return [{
    title: `Latency at ${PER_SECOND} requests/s over ${CONNECTIONS} connections`,
    columns: ["", "p50 ms", "p99 ms", "longest ms", "failed"],
    lines: [...samples].map(([name, own]) => [
      name,
      p50(name).toFixed(3),
      p99(name).toFixed(3),
      shown(median(name, ({ maxMs }) => maxMs)),
      String(own.reduce((sum, { failed }) => sum + failed, 0)),
    ]),
    marks: marks.filter(({ measured }) => !Number.isNaN(measured)),
  }];
}
