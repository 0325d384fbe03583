/**
 * Follows what a command has set going until it is done, can't be done, takes too long or is no longer looked at: on a
 * terminal by one line that is written over, elsewhere by a line for each change. What it says goes beside the data.
 * `follow.ts` judges, `follow_end.ts` tells how it ended.
 * @module
 */
import { systemClock } from "../../../runtime/clock.ts";
import { formatDuration } from "../../../runtime/duration.ts";
import { duration, type FlagTable, onOff } from "../../../runtime/flag.ts";
import { printableLine } from "../../../runtime/sanitize.ts";
import { timeoutSignal } from "../../../runtime/timeout.ts";
import { Unreachable } from "../../../wire/client/problem_error.ts";
import type { ExplainView } from "../../../wire/explain.ts";
import { type Progress, progressOn } from "../../render/progress.ts";
import type { CommandCall } from "../command.ts";
import { everySecond } from "./every_second.ts";
import { EXIT } from "../exit_code.ts";
import { type Goal, standingOf, subjectOf, watchAgain } from "./follow.ts";
import { endingLines, lastLinesOf, unplacedLines } from "./follow_end.ts";
import type { Sight } from "./sight.ts";
import type { Standing } from "./standing.ts";
import { watchCluster } from "./watch_cluster.ts";

/** So long has nothing to be on its way before it is asked whether anything can be. */
const STUCK_MS = 4_000;

const group = "Waiting";

/** The limit of waiting. */
export const TIMEOUT = {
  timeoutMs: duration({ group, help: "For how long to watch; it goes on by itself after that", default: "10m" }),
};

/** The flags of every command that follows what it does. */
export const FOLLOW = {
  wait: onOff({ group, help: "Watch until it is done; --no-wait doesn't", default: "true" }),
  detach: onOff({ group, short: "d", help: "The same as --no-wait" }),
  ...TIMEOUT,
};

/** Of a command's call what following takes. */
export type FollowCall =
  & Pick<CommandCall<FlagTable>, "client" | "errors" | "signal" | "note" | "quiet">
  & { flags: { wait?: boolean; detach?: boolean; timeoutMs: number } };

interface FollowOptions {
  /** Whether it ends where only people can help (a pause, a trial, no room), or waits for them. */
  patience?: "ends" | "waits";
}

/** Follows all of these; gives the exit code. */
export async function followUntil(
  call: FollowCall,
  goals: readonly Goal[],
  options: FollowOptions = {},
): Promise<number> {
  const { flags: { wait = true, detach = false, timeoutMs }, signal, errors, quiet, note } = call;
  if (goals.length === 0) return EXIT.fine;
  if (!wait || detach) {
    await note(`It goes on by itself. To watch it: ${goals.map(watchAgain).join("; ")}`);
    return EXIT.fine;
  }
  const late = timeoutSignal(timeoutMs);
  const progress = quiet ? SILENT : progressOn(errors);
  const unreached = new Set(goals);
  try {
    return await followed(call, unreached, { progress, until: AbortSignal.any([signal, late]), ...options });
  } catch (error) {
    if (!signal.aborted && !late.aborted) throw error;
    await progress.end();
    const how = [...unreached].map((goal) => `  ${watchAgain(goal)}`).join("\n");
    if (signal.aborted) {
      await note(`Not watched any more; it goes on by itself. To watch it again:\n${how}`);
      return EXIT.interrupted;
    }
    await errors.write(
      `Not done after ${formatDuration(timeoutMs)}; it goes on by itself. To go on watching:\n${how}\n`,
    );
    return EXIT.timeout;
  } finally {
    await progress.end();
  }
}

const SILENT: Progress = {
  update: () => Promise.resolve(),
  line: () => Promise.resolve(),
  end: () => Promise.resolve(),
};

interface Following extends FollowOptions {
  progress: Progress;
  until: AbortSignal;
}

async function followed(call: FollowCall, unreached: Set<Goal>, following: Following): Promise<number> {
  const { client } = call;
  const { progress, until: signal, patience = "ends" } = following;
  const beganMs = systemClock.now();
  const stuckSinceMs = new Map<Goal, number>();
  const tell = tellerOn(progress, { live: call.errors.live });
  const subjects = subjectsOf([...unreached]);
  const sights = everySecond((options) => watchCluster(client, subjects, options), { signal });
  let code: number = EXIT.fine;
  for await (const sight of sights) {
    const standings = [...unreached].map((goal) => ({ goal, ...standingOf(goal, sight) }));
    await tell(standings);
    for (const { goal, ...standing } of standings) {
      const end = await endOf(call, goal, {
        standing,
        sight,
        stuckSinceMs,
        patience,
        tookMs: systemClock.now() - beganMs,
      });
      if (end === undefined) continue;
      unreached.delete(goal);
      // What went well is told as it goes along, and by --quiet not at all; what didn't is told in any case.
      if (end.code === EXIT.fine) await progress.line(end.lines.join("\n"));
      else {
        await progress.end();
        await call.errors.write(`${end.lines.join("\n")}\n`);
      }
      if (code === EXIT.fine || end.code === EXIT.failure) code = end.code;
    }
    if (unreached.size === 0) return code;
  }
  throw new TypeError("What is watched goes on until it is no longer looked at");
}

interface Judged {
  standing: Standing;
  sight: Sight;
  stuckSinceMs: Map<Goal, number>;
  patience: "ends" | "waits";
  tookMs: number;
}

interface End {
  code: number;
  lines: string[];
}

/** How a goal has ended, if it has. */
async function endOf(call: FollowCall, goal: Goal, judged: Judged): Promise<End | undefined> {
  const { standing: { ending, stuck }, sight, stuckSinceMs, patience, tookMs } = judged;
  if (ending?.kind === "held" && patience === "waits") return undefined;
  if (ending !== undefined) {
    const lastLines = ending.kind === "failed" ? await lastLinesOf(ending, call) : [];
    return {
      code: ending.kind === "failed" ? EXIT.failure : EXIT.fine,
      lines: endingLines(ending, { lastLines, tookMs, screen: call.errors }),
    };
  }
  if (stuck === undefined || patience === "waits") {
    stuckSinceMs.delete(goal);
    return undefined;
  }
  const sinceMs = stuckSinceMs.get(goal) ?? tookMs;
  stuckSinceMs.set(goal, sinceMs);
  if (tookMs - sinceMs < STUCK_MS) return undefined;
  stuckSinceMs.delete(goal);
  const explained = await explanationOf(call, goal);
  if (explained === undefined || !isUnplaced(explained)) return undefined;
  const { desired = 0, assigned = 0 } = sight.services.get(explained.name) ?? {};
  return {
    code: EXIT.unplaceable,
    lines: unplacedLines(explained, { missing: desired - assigned, screen: call.errors }),
  };
}

/** Nothing, where the controller is away for the moment: the next sight says so. */
async function explanationOf({ client, signal }: FollowCall, goal: Goal): Promise<ExplainView | undefined> {
  try {
    return await client.explain({ name: subjectOf(goal), query: { kind: "service" } }, { signal });
  } catch (error) {
    if (error instanceof Unreachable) return undefined;
    throw error;
  }
}

function isUnplaced({ nodes, waits }: ExplainView): boolean {
  return nodes !== undefined && waits.length > 0;
}

/** On a terminal one line for all that goes on; elsewhere each goal's line when it has become another. */
function tellerOn(progress: Progress, { live }: { live: boolean }) {
  const told = new Map<Goal, string>();
  return async (standings: readonly { goal: Goal; line: string }[]): Promise<void> => {
    if (live) return await progress.update(standings.map(({ line }) => line).join("  |  "));
    for (const { goal, line } of standings) {
      if (told.get(goal) !== line) await progress.line(printableLine(line));
      told.set(goal, line);
    }
  };
}

function subjectsOf(goals: readonly Goal[]): { services: string[]; nodes: string[] } {
  return {
    services: goals.flatMap((goal) => goal.kind === "drained" ? [] : [goal.service]),
    nodes: goals.flatMap((goal) => goal.kind === "drained" ? [goal.node] : []),
  };
}
