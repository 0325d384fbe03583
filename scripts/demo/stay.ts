/**
 * The demo with `--stay`: the cluster stays, with lines to paste that carry its live values, and what happens in it is
 * shown as it does, until Ctrl-C.
 * @module
 */
import type { EventView } from "../../lib/wire/api.ts";
import { readLines } from "../../lib/wire/ndjson.ts";
import type { Cluster } from "./cluster.ts";
import type { Screen } from "./screen.ts";

const LINE_BYTES_MAX = 1_048_576;
const DATA = "data: ";

/** Resolves when `signal` is aborted, and rejects when the controller goes away. */
export async function stay(
  cluster: Cluster,
  { screen, signal }: { screen: Screen; signal: AbortSignal },
): Promise<void> {
  await showLines(cluster, screen);
  try {
    const headers = { accept: "text/event-stream" };
    const response = await fetch(`${cluster.controller.url}/v1/events`, { headers, signal });
    for await (const line of readLines(response.body!, { lineBytesMax: LINE_BYTES_MAX })) {
      if (line.startsWith(DATA)) showEvent(JSON.parse(line.slice(DATA.length)), screen);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function showLines(cluster: Cluster, screen: Screen): Promise<void> {
  const { url } = cluster.controller;
  const victim = (await cluster.replicas()).find(({ pid }) => pid !== null);
  const windows = Deno.build.os === "windows";
  const curl = windows ? "curl.exe" : "curl";
  const kill = windows ? `taskkill /F /PID ${victim?.pid}` : `kill -9 ${victim?.pid}`;
  const stop = windows ? "Ctrl-C" : `Ctrl-C, or kill ${Deno.pid}`;
  const lines = [
    [`${curl} ${url}/`, "another replica each time"],
    [`${curl} ${url}/status`, "what is wanted, and what is"],
    [`${curl} ${url}/scale -d "{\\"count\\": 3}"`, "more or fewer replicas"],
    [kill, "the end of a replica, for a moment"],
  ] as const;
  screen.print("", `  ${screen.bold("The cluster stays.")} Paste into another terminal:`, "");
  for (const [line, what] of lines) screen.print(`  ${line.padEnd(62)} ${screen.dim(what)}`);
  screen.print("", `  To stop: ${stop}. What happens shows below.`, "");
}

function showEvent({ time, text, severity }: EventView, screen: Screen): void {
  const at = screen.dim(new Date(time).toLocaleTimeString("en-GB"));
  screen.print(`  ${at}  ${severity === "info" ? text : screen.bad(text)}`);
}
