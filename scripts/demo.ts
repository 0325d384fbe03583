/**
 * `deno task run-demo [--stay] [--slowly]`: see Muster work. A controller and two agents, all real processes on ports that
 * were free, go through what a cluster goes through, while a client asks and counts. Exits with 0 when every step passed
 * and no request failed; whatever happens, also on Ctrl-C, nothing is left running.
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { onSignals } from "../lib/runtime/signals.ts";
import { startClient, type SteadyClient } from "./demo/client.ts";
import { Cluster } from "./demo/cluster.ts";
import { showLogTails } from "./demo/log_tails.ts";
import { INDENT, inSeconds, Screen } from "./demo/screen.ts";
import { stay } from "./demo/stay.ts";
import type { Scene } from "./demo/steps.ts";
import { type Played, playStory } from "./demo/story.ts";
import { countsOf, showSummary } from "./demo/summary.ts";

const FAILURE = 1;
const USAGE = 2;
const INTERRUPTED = 130;
/** Between two steps somebody who watches reads. */
const PAUSE_WATCHED_MS = 1_400;
const PAUSE_MS = 400;

const HELP = `deno task run-demo [--stay] [--slowly]

  --stay      keep the cluster after the story, with lines to paste; Ctrl-C ends it
  --slowly    with pauses to read, also where nobody watches, as for a recording
`;

if (import.meta.main) {
  const unknown: string[] = [];
  const flags = parseArgs(Deno.args, { boolean: ["stay", "slowly", "help"], unknown: (arg) => unknown.push(arg) > 0 });
  const screen = new Screen({ terminal: Deno.stdout.isTerminal(), env: Deno.env });
  if (flags.help || unknown.length > 0) {
    if (unknown.length > 0) screen.print(`Unknown: ${unknown.join(" ")}`, "");
    screen.print(HELP);
    Deno.exit(unknown.length > 0 ? USAGE : 0);
  }
  Deno.exit(await main(screen, flags));
}

/** Plays the story and gives the exit code. */
async function main(screen: Screen, flags: { stay: boolean; slowly: boolean }): Promise<number> {
  const ending = new AbortController();
  const { signal } = ending;
  using _signals = onSignals(["SIGINT", "SIGTERM", "SIGHUP"], () => ending.abort());
  await using resources = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "muster-demo-" });
  resources.defer(() => Deno.remove(folder, { recursive: true }));
  const cluster = new Cluster(folder, { signal });
  resources.defer(async () => void await cluster.end());

  let passed = false;
  try {
    const pauseMs = flags.slowly || Deno.stdout.isTerminal() ? PAUSE_WATCHED_MS : PAUSE_MS;
    passed = await tell(cluster, { screen, signal, pauseMs });
    if (passed && flags.stay) await stay(cluster, { screen, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  const interrupted = signal.aborted && !(passed && flags.stay);
  if (signal.aborted) screen.print("", "  Ending …");
  const left = await cluster.end();
  screen.print(
    left.length === 0 ? `  ${screen.dim("Nothing is left running.")}` : screen.bad(`  Had to kill ${left.join(", ")}`),
    "",
  );
  return interrupted ? INTERRUPTED : passed && left.length === 0 ? 0 : FAILURE;
}

interface Telling {
  screen: Screen;
  signal: AbortSignal;
  pauseMs: number;
}

/** Tells the whole story, and whether all went well. */
async function tell(cluster: Cluster, { screen, signal, pauseMs }: Telling): Promise<boolean> {
  const startedMs = performance.now();
  let client: SteadyClient | undefined;
  const scene: Scene = {
    cluster,
    screen,
    show: (...lines) => screen.print(...lines.map((line) => `${INDENT}${line}`)),
    startClient: (url) => client = startClient(url, { isReady: () => cluster.ready > 0 }),
  };
  screen.print(
    "",
    `  ${screen.bold("Muster")}  a cluster on this machine, broken on purpose while a client keeps asking`,
    "",
  );
  let played: Played[];
  try {
    using _live = screen.live(() => `${inSeconds(performance.now() - startedMs)}  ${countsOf(client?.tally)}`);
    played = await playStory(scene, { pauseMs, startedMs, signal });
  } finally {
    await client?.stop();
  }
  showSummary(played, client?.tally, screen);
  const failed = played.find(({ problem }) => problem !== undefined);
  if (failed === undefined && client?.tally.failed === 0) return true;
  showLogTails(cluster, screen);
  const what = failed === undefined
    ? "the client's requests"
    : `"${failed.name}": ${failed.problem?.split("\n", 1)[0]}`;
  screen.print(screen.bad(`  Failed at ${what}`));
  return false;
}
