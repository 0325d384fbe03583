/**
 * What a second worker adds. Load and replica need the same two cores, so requests per second say nothing; what is
 * compared is how many requests a core's worth of CPU carries, and how evenly the threads share them: with cores of their
 * own, all are done when the busiest one is.
 * @module
 */
import { type Loaded, underLoad } from "./load.ts";
import { musterCommand } from "./peers.ts";
import { freePort, LOAD_CORE, OWN_CORE, startProgram } from "./program.ts";
import { inTurn, medianBy, type Plan, type Report, shown } from "./report.ts";
import { startReplica } from "./scene.ts";

const CONNECTIONS = 64;
const CREWS = [{ name: "one worker", workers: 1, cores: OWN_CORE }, {
  name: "two workers",
  workers: 2,
  cores: `${OWN_CORE},${LOAD_CORE}`,
}];

interface Shared extends Loaded {
  /** The busiest worker's CPU seconds, of all of theirs. */
  busiestShare: number;
}

export async function twoWorkers({ seconds, rounds }: Plan): Promise<Report[]> {
  await using replica = await startReplica();
  const samples = await inTurn(CREWS, {
    rounds,
    measure: async ({ workers, cores }): Promise<Shared> => {
      const port = freePort();
      const ends = { port, replica: { hostname: "127.0.0.1", port: replica.port } };
      await using program = await startProgram({ command: musterCommand(ends, { workers }), port, cores });
      const before = program.threadSeconds();
      const loaded = await underLoad({ port, connections: CONNECTIONS, seconds, programs: [program] });
      const taken = [...program.threadSeconds()].map(([thread, after]) => after - (before.get(thread) ?? 0));
      const busy = taken.toSorted((a, b) => b - a).slice(0, workers);
      return { ...loaded, busiestShare: busy[0]! / busy.reduce((sum, seconds) => sum + seconds, 0) };
    },
  });
  const cpu = (name: string) => medianBy(samples.get(name), ({ cpuUsPerRequest }) => cpuUsPerRequest);
  const busiest = (name: string) => medianBy(samples.get(name), ({ busiestShare }) => busiestShare);
  /** Requests a second, in thousands, when each worker has a core to itself. */
  const capacity = (name: string) => 1_000 / (cpu(name) * busiest(name));
  return [{
    title: `Two workers beside one, ${CONNECTIONS} connections`,
    columns: ["", "CPU µs/request", "busiest worker's share", "thousand requests/s on cores of their own"],
    lines: CREWS.map(({ name }) => [name, shown(cpu(name)), shown(busiest(name)), shown(capacity(name))]),
    marks: [{
      what: "requests that two workers carry on two cores, of one's",
      measured: capacity("two workers") / capacity("one worker"),
      bound: { atLeast: 1.7 },
    }],
    note: "With two cores, load and replica take a part of both: the last column is computed from the two before it, " +
      "as 1 / (CPU per request × the busiest worker's share).",
  }];
}
