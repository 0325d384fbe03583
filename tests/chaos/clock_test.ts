/**
 * The time of day jumps, for the controller and its agents alike. Row 27: leases, probes and deadlines go by a clock that
 * doesn't.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { type Cluster, identities, replicasIn, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { tell } from "./measured.ts";

const library = granted && Deno.build.os === "linux" ? fakingLibrary() : undefined;
const HOURS_S = 7_200;
/** Lost is who missed three of them: a few more than that would show any harm. */
const PROBES = 8;

Deno.test({
  name: `chaos 27: the time of day jumps by two hours, and nothing is done for that${
    library === undefined ? " (needs Linux and faketime)" : ""
  }`,
  ignore: library === undefined,
  fn: async () => {
    await using stack = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir({ prefix: "muster-clock-" });
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    const offset = `${folder}/offset`;
    await jump(offset, 0);
    const place = { prefix: ["env", ...fakedBy(offset)] };
    const cluster = stack.use(await startCluster({ agents: [place, place], controller: place }));
    await cluster.scale(4);
    const before = identities(await cluster.ready(4));
    const told = (await cluster.events()).length;

    for (const offsetS of [HOURS_S, -HOURS_S, 0]) {
      await jump(offset, offsetS);
      await aFewProbes(cluster);
      const status = await cluster.status();
      const uptimes = replicasIn(status).map(({ uptime_s }) => uptime_s ?? -1);
      const isAhead = uptimes.every((uptime) => uptime > HOURS_S);
      assertEquals(isAhead, offsetS > 0, `the controller sees the time of day jump: ${uptimes}`);
      assertEquals(identities(replicasIn(status)), before, `nothing is restarted or moved at ${offsetS} s`);
      assertEquals(status.nodes.map((node) => node.status), ["ready", "ready"]);
    }
    assertEquals((await cluster.events()).slice(told), []);
    tell("27: 0 restarts, 0 moves, 0 events over jumps of +2 h, -4 h and +2 h");

    await jump(offset, -HOURS_S);
    const [first] = replicasIn(await cluster.status());
    Deno.kill(first!.pid!, "SIGKILL");
    const again = await cluster.until({
      what: "the killed replica to be ready again",
      check: (status) =>
        replicasIn(status).find(({ id, ready, pid }) => id === first!.id && ready && pid !== first!.pid),
    });
    const behindMs = Date.now() - Date.parse(again.started_at!);
    assert(behindMs > 3_600_000, `the agent sees the time of day jump, too: it is ${behindMs} ms behind`);
  },
});

/** Sets how far the programs' time of day is from the real one; renamed into place, lest half of it is read. */
async function jump(offset: string, seconds: number): Promise<void> {
  await Deno.writeTextFile(`${offset}.new`, `${seconds < 0 ? "" : "+"}${seconds}`);
  await Deno.rename(`${offset}.new`, offset);
}

/** Waits until each node has answered that many probes more. */
async function aFewProbes(cluster: Cluster): Promise<void> {
  const count = async () => {
    const text = await (await fetch(`${cluster.controller.url}/metrics`)).text();
    const counts = text.matchAll(/^muster_probes_total\{[^}]*\} (\d+)$/gm);
    return [...counts].reduce((sum, [, value]) => sum + Number(value), 0);
  };
  const enough = await count() + PROBES * cluster.agents.length;
  await until(async () => await count() >= enough, { withinMs: 60_000, what: "probes" });
}

/** What makes a program read its time of day from the file, and leaves all other clocks and the files' times alone. */
function fakedBy(offset: string): string[] {
  return [
    `LD_PRELOAD=${library}`,
    `FAKETIME_TIMESTAMP_FILE=${offset}`,
    "FAKETIME_DONT_FAKE_MONOTONIC=1",
    "FAKETIME_NO_CACHE=1",
    "NO_FAKE_STAT=1",
  ];
}

/** Where Debian's package has it, whatever the processor. */
function fakingLibrary(): string | undefined {
  const folders = [...Deno.readDirSync("/usr/lib")].map(({ name }) => `/usr/lib/${name}/faketime/libfaketime.so.1`);
  return folders.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
      throw error;
    }
  });
}
