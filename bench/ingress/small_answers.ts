/**
 * HTTP/1.1 with keep-alive and a small answer: what a request costs whoever carries it on one core.
 * @module
 */
import { type Loaded, underLoad } from "./load.ts";
import { BARE_FETCH, CADDY, HAPROXY, MUSTER, NGINX, present } from "./peers.ts";
import { inTurn, type Mark, medianBy, type Plan, type Report, shown } from "./report.ts";
import { startCandidate, startReplica } from "./scene.ts";

const CONNECTIONS = [32, 512];

export async function smallAnswers({ seconds, rounds, folder }: Plan): Promise<Report[]> {
  const candidates = await present([NGINX, HAPROXY, CADDY, BARE_FETCH, MUSTER]);
  await using replica = await startReplica();
  const reports: Report[] = [];
  for (const connections of CONNECTIONS) {
    const samples = await inTurn(candidates, {
      rounds,
      measure: async (candidate) => {
        await using program = await startCandidate(candidate, { replica, folder });
        return await underLoad({ port: program.port, connections, seconds, programs: [program] });
      },
    });
    reports.push(reportOf(samples, connections));
  }
  return reports;
}

function reportOf(samples: ReadonlyMap<string, readonly Loaded[]>, connections: number): Report {
  const cpu = (name: string) => medianBy(samples.get(name), ({ cpuUsPerRequest }) => cpuUsPerRequest);
  const title = `Small answers over ${connections} connections, one core`;
  const marks: Mark[] = [
    { what: "CPU per request, of nginx's", measured: cpu("Muster") / cpu("nginx"), bound: { atMost: 1.4 } },
    { what: "Caddy's CPU per request, of Muster's", measured: cpu("Caddy") / cpu("Muster"), bound: { atLeast: 3 } },
  ];
  return {
    title,
    columns: ["", "CPU µs/request", "of nginx", "requests/s"],
    lines: [...samples].map(([name, own]) => [
      name,
      shown(cpu(name)),
      shown(cpu(name) / cpu("nginx")),
      medianBy(own, ({ requestsPerSecond }) => requestsPerSecond).toFixed(0),
    ]),
    marks: marks.filter(({ measured }) => !Number.isNaN(measured)),
    drawn: {
      title,
      unit: "CPU µs a request",
      bars: [...samples.keys()].map((name) => ({ name, value: cpu(name) })),
    },
  };
}
