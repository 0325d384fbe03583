/**
 * `deno run -A bench/planning_bench.ts [--plot]`: what a change costs to decide, from 1,000 to 100,000 replicas. The same
 * four changes are applied, planned and committed in clusters of growing size; `--plot` draws docs/planning.svg anew.
 * @module
 */
import { drawLines, type Drawn } from "./planning/plot.ts";
import { crash, loseNode, type Measured, release, scaleByOne } from "./planning/changes.ts";
import { clusterOf } from "./planning/cluster.ts";

const SIZES = [1_000, 3_000, 10_000, 30_000, 100_000];
const REPLICAS_PER_NODE = 10;
const REPLICAS_PER_SERVICE = 20;

const CHANGES: Record<string, Measured> = {
  "a crashed replica": crash,
  "one replica more": scaleByOne,
  "a step of an update": release,
  "a lost node (10 replicas)": loseNode,
};

if (import.meta.main) {
  const lines: Drawn[] = Object.keys(CHANGES).map((name) => ({ name, points: [] }));
  // The first changes are paid for by the compiler.
  for (const measure of Object.values(CHANGES)) measure(clusterOf({ nodes: 100, services: 200, desired: 5 }));
  console.log(["replicas", ...Object.keys(CHANGES)].join(" | "));
  for (const replicas of SIZES) {
    const size = { nodes: replicas / REPLICAS_PER_NODE, services: replicas / REPLICAS_PER_SERVICE };
    const costs = Object.values(CHANGES).map((measure, at) => {
      const state = clusterOf({ ...size, desired: REPLICAS_PER_SERVICE });
      const ms = measure(state);
      lines[at]!.points.push({ x: replicas, y: ms });
      return ms < 1 ? `${Math.round(ms * 1_000)} µs` : `${ms.toFixed(2)} ms`;
    });
    console.log([replicas, ...costs].join(" | "));
  }
  if (Deno.args.includes("--plot")) {
    const title = "What a change costs to decide";
    const svg = drawLines(lines, { title, x: "replicas in the cluster", y: "milliseconds (median)" });
    await Deno.writeTextFile(new URL("../docs/planning.svg", import.meta.url), svg);
  }
}
