/**
 * The demo with `--stay`: the cluster stays, with lines to paste that carry its live values, and what happens in it is
 * shown as it does, until Ctrl-C.
 * @module
 */
import type { EventView } from "../../lib/wire/api.ts";
import { connect } from "../../lib/wire/client/client.ts";
import type { Cluster } from "./cluster.ts";
import type { Screen } from "./screen.ts";

/** What a line to paste takes, mostly. */
const LINE_WIDTH = 70;

/** Resolves when `signal` is aborted, and rejects when the controller goes away. */
export async function stay(
  cluster: Cluster,
  { screen, signal }: { screen: Screen; signal: AbortSignal },
): Promise<void> {
  await showLines(cluster, screen);
  try {
    const client = connect({ server: cluster.controller.url });
    const { last } = await client.listEvents({ query: { limit: 1 } }, { signal });
    for await (const event of client.followEvents({ after: last, signal })) showEvent(event, screen);
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
  // Who came by npx has no Deno of their own in another terminal.
  const deno = Deno.env.has("npm_command") ? `npx -y deno@${Deno.version.deno}` : "deno";
  const cli = `${deno} run -A controller.ts`;
  const there = `--server ${url}`;
  const lines = [
    [`${curl} ${url}/`, "another replica each time"],
    [`${cli} ls ${there}`, "what is wanted, and what is"],
    [`${cli} scale payload=3 ${there}`, "more or fewer replicas"],
    [`${cli} deploy <folder> ${there}`, "a program of your own"],
    [kill, "the end of a replica, for a moment"],
  ] as const;
  screen.print("", `  ${screen.bold("The cluster stays.")} Paste into another terminal:`, "");
  for (const [line, what] of lines) screen.print(`  ${line.padEnd(LINE_WIDTH)} ${screen.dim(what)}`);
  screen.print("", `  The dashboard is at ${screen.bold(`${url}/ui`)}`);
  screen.print("", `  To stop: ${stop}. What happens shows below.`, "");
}

function showEvent({ time, text, severity }: EventView, screen: Screen): void {
  const at = screen.dim(new Date(time).toLocaleTimeString("en-GB"));
  screen.print(`  ${at}  ${severity === "info" ? text : screen.bad(text)}`);
}
