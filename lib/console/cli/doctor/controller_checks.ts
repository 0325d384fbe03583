/**
 * Whether the controller answers, decides, is of this version, has the same time, and can keep what it decides.
 * @module
 */
import { skewOf } from "../../../cluster/version_skew.ts";
import { formatDuration } from "../../../runtime/duration.ts";
import { VERSION } from "../../../runtime/version.ts";
import { ApiRefusal, Unreachable } from "../../../wire/client/problem_error.ts";
import { reached } from "../../../wire/client/transport.ts";
import type { WatchMessage } from "../../../wire/watch.ts";
import { type Check, type Finding, type Patient, problem, warning } from "./finding.ts";

/** Clocks that differ by this much make times in logs and tokens' ends misleading. */
const CLOCK_DIFFERENCE_MAX_MS = 5_000;
const SNAPSHOT_MS = 3_000;

/** Without this nothing else can be asked. */
export const reachable: Check = {
  fine: "the controller answers",
  examine: async ({ client, connection: { server }, signal }) => {
    try {
      await client.getHealthz({}, { signal });
      return [];
    } catch (error) {
      // Whoever refuses is there.
      if (error instanceof ApiRefusal) return [];
      if (!(error instanceof Unreachable)) throw error;
      const remedy = 'start it with "controller serve", or say where it is with --server, MUSTER_SERVER or a context';
      return [problem(error.message, server, { remedy })];
    }
  },
};

export const CONTROLLER_CHECKS: readonly Check[] = [
  { fine: "this command line and the controller are of the same version", examine: versions },
  { fine: "the controller's clock and this host's agree", examine: clocks },
  { fine: "the controller decides", examine: decides },
];

async function versions({ client, connection: { server }, signal }: Patient): Promise<Finding[]> {
  const { version } = await client.getVersion({}, { signal });
  const skew = skewOf(version, VERSION);
  if (skew === null) return [];
  const remedy = skew === "older"
    ? "upgrade the controller; until then what is new here may be unknown there"
    : "take the command line of the controller's version";
  return [warning(`the controller has version ${version}, this command line ${VERSION}`, server, { remedy })];
}

/** By the time that HTTP has on each answer, which is to the second. */
async function clocks({ connection, signal }: Patient): Promise<Finding[]> {
  const { server, fetch } = connection;
  const beganMs = Date.now();
  const response = await reached(connection, () => fetch(`${server}/healthz`, { signal, redirect: "error" }));
  await response.body?.cancel();
  const thereMs = Date.parse(response.headers.get("date") ?? "");
  const hereMs = (beganMs + Date.now()) / 2;
  const differenceMs = Math.abs(thereMs - hereMs);
  // Without a date there is nothing to compare.
  if (Number.isNaN(thereMs) || differenceMs <= CLOCK_DIFFERENCE_MAX_MS) return [];
  const what = `its clock is ${formatDuration(differenceMs)} ${thereMs > hereMs ? "ahead of" : "behind"} this host's`;
  return [warning(what, server, { remedy: "keep both hosts' time by NTP, such as chrony" })];
}

async function decides({ client, connection: { server }, signal }: Patient): Promise<Finding[]> {
  try {
    await client.getReadyz({}, { signal });
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.problem.status !== 503) throw error;
    const remedy = 'wait for its nodes, or "controller node rm" those that won\'t come back';
    return [problem(`the controller does not decide: ${error.problem.detail}`, server, { remedy })];
  }
  const heldUp = await heldUpBy({ client, signal });
  if (heldUp === null) return [];
  const remedy = "mend that; what runs goes on meanwhile, and nothing is started or moved";
  return [problem(`decisions are held up: ${heldUp}`, server, { remedy })];
}

/** What the watch says first. A controller that has no watch, or no seat for one more reader, says nothing of it. */
async function heldUpBy({ client, signal }: Pick<Patient, "client" | "signal">): Promise<string | null> {
  const enough = new AbortController();
  const late = AbortSignal.timeout(SNAPSHOT_MS);
  const messages = client.watch({}, { signal: AbortSignal.any([signal, enough.signal, late]) });
  try {
    const { value, done } = await messages.next();
    return done ? null : (value satisfies WatchMessage).cluster?.held_up ?? null;
  } catch (error) {
    if (error instanceof ApiRefusal || error instanceof Unreachable || late.aborted && !signal.aborted) return null;
    throw error;
  } finally {
    enough.abort();
    await messages.return(undefined).catch(ignoreAbort);
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error)) throw error;
}
