/**
 * A replica that writes as fast as it can, beside one that is quiet. Row 34, with a real controller.
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { FLOOD_BYTES_PER_S, LOOK_MS } from "../../lib/agent/logs/log_flood.ts";
import { LOGS_USUAL, readSizeBytes } from "../../lib/cluster/log_limits.ts";
import { until } from "../../scripts/local_program.ts";
import { type Cluster, replicasIn, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { tell } from "./measured.ts";
import { startSteadyClient } from "./steady_client.ts";

const ignore = !granted || Deno.build.os !== "linux";

const SAMPLE_MS = 5;
/** A busy machine looks later than it means to, and takes its time to copy and cut. */
const SLACK = 3;
const LAST_NUMBER = 4_000_000;
const SIZE_MAX_BYTES = readSizeBytes(LOGS_USUAL.max_size)!;

/** Ends by itself where nobody ends it, before it fills the disk of who runs the test. */
const FLOODER = ["/bin/sh", "-c", "yes | head -c 4000000000"];
const REASON = /was stopped: it wrote (\d+) MB of log in (\d+\.\d) s, more than 50 MB\/s; crash 2 in 5m, restart after/;

Deno.test({
  name: "chaos 34: a replica that floods its log is stopped and that is said, and no other is disturbed",
  ignore,
  fn: async () => {
    await using cluster = await startCluster({ agents: 1 });
    await cluster.scale(1);
    const [quiet] = await cluster.ready(1);
    await using client = startSteadyClient(cluster.controller.url);
    await client.more(20);
    await cluster.putService("flood", { command: FLOODER, replicas: 1 });
    const { id } = await cluster.until({
      what: "the flooder to be placed",
      check: (status) => replicasIn(status, "flood")[0],
    });
    using disk = watchDisk(`${cluster.agents[0]!.data}/logs`, id);
    const stopped = await cluster.until({
      what: "the flooder to be stopped twice",
      check: (status) =>
        replicasIn(status, "flood").find(({ reason, phase }) => phase === "exited" && REASON.test(reason)),
    });
    const [, megabytes, seconds] = REASON.exec(stopped.reason)!;
    const bytesPerS = Number(megabytes) * 1e6 / Number(seconds);
    assert(bytesPerS > FLOOD_BYTES_PER_S, stopped.reason);
    // What is kept, the older parts twice as large, and what was written between two looks.
    const boundBytes = (1 + 2 * (LOGS_USUAL.max_files - 1)) * SIZE_MAX_BYTES + SLACK * bytesPerS * LOOK_MS / 1_000;
    assert(disk.mostBytes <= boundBytes, `${disk.mostBytes} bytes, bound ${boundBytes}, at ${bytesPerS} bytes/s`);
    tell(`34: ${stopped.reason}; its logs took ${inMb(disk.mostBytes)} MB at most, bound ${inMb(boundBytes)} MB`);
    const events = await cluster.events();
    assert(events.filter((event) => /flood\.0 .* was stopped: it wrote/.test(event)).length >= 2, events.join("\n"));
    const lines = await logsOf(cluster, "flood");
    assertEquals(lines, ["y", "y", "y", "y", "y"]);

    await client.more(20);
    const { failures, requests, slowestMs } = await client.stop();
    assertEquals(failures, []);
    tell(`34: 0 of ${requests} requests to the quiet replica failed, the slowest took ${Math.round(slowestMs)} ms`);
    const [still] = await cluster.ready(1);
    assertEquals([still!.pid, still!.restarts], [quiet!.pid, 0]);
  },
});

Deno.test({
  name: "chaos 34: a burst is no flood, and when the log is cut its last lines are kept",
  ignore,
  fn: async () => {
    await using cluster = await startCluster({ agents: 1 });
    const script = `seq 1 ${LAST_NUMBER}; exec sleep 1000`;
    await cluster.putService("burst", { command: ["/bin/sh", "-c", script], replicas: 1 });
    const [burst] = await cluster.ready(1, { service: "burst" });
    const path = `${cluster.agents[0]!.data}/logs/${burst!.id}.out`;
    await until(async () => (await logsOf(cluster, "burst")).at(-1) === String(LAST_NUMBER), {
      what: "its last line",
    });
    await until(() => Deno.statSync(path).size <= SIZE_MAX_BYTES, { what: "the log to be cut" });
    const lines = await logsOf(cluster, "burst");
    assertEquals(lines, [4, 3, 2, 1, 0].map((before) => String(LAST_NUMBER - before)));
    const [still] = await cluster.ready(1, { service: "burst" });
    assertEquals([still!.pid, still!.restarts], [burst!.pid, 0]);
    assertMatch((await cluster.events()).join("\n"), /burst\.0 .* is ready/);
  },
});

/** The last five lines of a service. */
async function logsOf(cluster: Cluster, service: string): Promise<string[]> {
  const response = await fetch(`${cluster.controller.url}/v1/services/${service}/logs?tail=5`);
  const text = (await response.text()).trimEnd();
  return text === "" ? [] : text.split("\n").map((line) => JSON.parse(line).line);
}

/** Looks again and again at what a replica's logs take. */
function watchDisk(folder: string, replica: string): Disposable & { readonly mostBytes: number } {
  let mostBytes = 0;
  const look = () => {
    let bytes = 0;
    for (const { name } of Deno.readDirSync(folder)) {
      if (name.startsWith(replica)) bytes += sizeOf(`${folder}/${name}`);
    }
    mostBytes = Math.max(mostBytes, bytes);
  };
  const timer = setInterval(look, SAMPLE_MS);
  return {
    get mostBytes() {
      return mostBytes;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Parts are renamed and removed meanwhile. */
function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return 0;
  }
}

function inMb(bytes: number): number {
  return Math.round(bytes / 1e6);
}
