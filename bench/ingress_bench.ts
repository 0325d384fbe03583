/**
 * `deno run -A bench/ingress_bench.ts [--seconds=4] [--rounds=5] [--only=small,far] [--plot]`: the ingress beside nginx,
 * HAProxy, Caddy and a proxy of `Deno.serve` and `fetch`, each alone on one core, in turn, in one run; load and replica
 * are on the other core. Prints a table for each kind of work, and the marks; `--plot` draws docs/ingress.svg anew.
 * Needs Linux, two cores, wrk and taskset; a peer that is not installed is left out, and said.
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { farReplica } from "./ingress/far_replica.ts";
import { idleConnections } from "./ingress/idle_connections.ts";
import { largeBodies } from "./ingress/large_bodies.ts";
import { latency } from "./ingress/latency.ts";
import { drawBars } from "./ingress/plot.ts";
import { isInstalled, LOAD_CORE } from "./ingress/program.ts";
import { markdownOf, type Plan, type Report } from "./ingress/report.ts";
import { smallAnswers } from "./ingress/small_answers.ts";
import { tableChanges } from "./ingress/table_changes.ts";
import { twoWorkers } from "./ingress/two_workers.ts";

const WORKS: Readonly<Record<string, (plan: Plan) => Promise<Report[]>>> = {
  small: smallAnswers,
  far: farReplica,
  workers: twoWorkers,
  bodies: largeBodies,
  latency,
  idle: idleConnections,
  changes: tableChanges,
};

if (import.meta.main) {
  const { seconds, rounds, only, plot } = parseArgs(Deno.args, {
    string: ["seconds", "rounds", "only"],
    boolean: ["plot"],
    default: { seconds: "4", rounds: "5", only: Object.keys(WORKS).join() },
  });
  for (const program of ["wrk", "taskset"]) {
    if (!await isInstalled(program)) throw new Error(`Cannot measure: ${program} is not installed`);
  }
  // The clients of some kinds of work are here.
  await new Deno.Command("taskset", { args: ["-acp", LOAD_CORE, String(Deno.pid)], stdout: "null" }).output();
  const folder = await Deno.makeTempDir({ prefix: "muster-ingress-" });
  const reports: Report[] = [];
  try {
    for (const name of only.split(",")) {
      const found = await WORKS[name]?.({ seconds: Number(seconds), rounds: Number(rounds), folder });
      if (found === undefined) throw new Error(`Cannot measure ${name}: there are ${Object.keys(WORKS).join(", ")}`);
      for (const report of found) console.log(markdownOf(report));
      reports.push(...found);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  if (plot) {
    const svg = drawBars(reports.flatMap(({ drawn }) => drawn ?? []));
    await Deno.writeTextFile(new URL("../docs/ingress.svg", import.meta.url), svg);
  }
}
