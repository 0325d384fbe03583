/**
 * Endpoints that come and go under load: 1,000 changes a minute among 10,000 endpoints, a tenth of them where the requests
 * go. The same process with the same table at rest is what it is compared with.
 * @module
 */
import { atConstantRate, type Latencies } from "./constant_rate.ts";
import { CONNECTIONS, PER_SECOND } from "./latency.ts";
import { musterCommand } from "./peers.ts";
import { freePort, startProgram } from "./program.ts";
import { medianBy, type Plan, type Report, shown } from "./report.ts";
import { startReplica } from "./scene.ts";

const WARM_UP_S = 2;
/** Of the p99 at rest: less can't be told from noise. */
const P99_GROWTH_MAX = 1.25;
const TABLES = [
  { name: "500 services of 20 endpoints", others: { services: 499, endpoints: 20 } },
  { name: "one service of 10,000 endpoints", others: { services: 1, endpoints: 10_000 } },
];

interface Sample {
  rest: Latencies;
  changing: Latencies;
}

export async function tableChanges({ seconds, rounds }: Plan): Promise<Report[]> {
  await using replica = await startReplica();
  const reports: Report[] = [];
  for (const { name, others } of TABLES) {
    const port = freePort();
    const ends = { port, replica: { hostname: "127.0.0.1", port: replica.port } };
    await using program = await startProgram({ command: musterCommand(ends, { others }), port, isTold: "by stdin" });
    const rate = { port, perSecond: PER_SECOND, connections: CONNECTIONS };
    await atConstantRate({ ...rate, seconds: WARM_UP_S });
    const samples: Sample[] = [];
    for (let round = 0; round < rounds; round++) {
      const rest = await atConstantRate({ ...rate, seconds });
      await program.tell("begin");
      const changing = await atConstantRate({ ...rate, seconds });
      await program.tell("end");
      samples.push({ rest, changing });
    }
    reports.push(reportOf(samples, name));
  }
  return reports;
}

function reportOf(samples: readonly Sample[], name: string): Report {
  const failed = samples.reduce((sum, { rest, changing }) => sum + rest.failed + changing.failed, 0);
  const line = (what: string, of: (sample: Sample) => Latencies) => [
    what,
    medianBy(samples, (sample) => of(sample).p50Ms).toFixed(3),
    medianBy(samples, (sample) => of(sample).p99Ms).toFixed(3),
    shown(medianBy(samples, (sample) => of(sample).maxMs)),
    String(samples.reduce((sum, sample) => sum + of(sample).failed, 0)),
  ];
  const p99 = (of: (sample: Sample) => Latencies) => medianBy(samples, (sample) => of(sample).p99Ms);
  return {
    title: `1,000 changes a minute, ${name}, ${PER_SECOND} requests/s`,
    columns: ["", "p50 ms", "p99 ms", "longest ms", "failed"],
    lines: [line("at rest", ({ rest }) => rest), line("changing", ({ changing }) => changing)],
    marks: [
      { what: "requests that failed", measured: failed, bound: { atMost: 0 } },
      {
        what: "p99 while it changes, of that at rest",
        measured: p99(({ changing }) => changing) / p99(({ rest }) => rest),
        bound: { atMost: P99_GROWTH_MAX },
      },
    ],
  };
}
