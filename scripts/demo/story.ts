/**
 * Plays the steps one after another, each with the time it began and the time it took, until one fails.
 * @module
 */
import { delay } from "@std/async";
import { errorText } from "../../lib/runtime/log_format.ts";
import { FAILED, INDENT, inMs, inSeconds, PASSED } from "./screen.ts";
import { type Scene, type Step, STEPS } from "./steps.ts";

/** A step that is over. */
export interface Played {
  name: string;
  tookMs: number;
  /** Why it failed, if it did. */
  problem?: string;
}

export interface StoryOptions {
  /** Between two steps: time to read, while the client goes on asking. */
  pauseMs: number;
  /** Since when times are counted. */
  startedMs: number;
  signal: AbortSignal;
}

/** Rejects with the signal's reason when it is interrupted; a step that fails is a result like the others. */
export async function playStory(scene: Scene, { pauseMs, startedMs, signal }: StoryOptions): Promise<Played[]> {
  const played: Played[] = [];
  for (const step of STEPS) {
    if (played.length > 0) await delay(pauseMs, { signal });
    scene.screen.print(
      `${inSeconds(performance.now() - startedMs)}  ${scene.screen.bold(step.name)}`,
      `${INDENT}${scene.screen.dim(step.why)}`,
    );
    const last = await play(step, scene, signal);
    played.push(last);
    if (last.problem !== undefined) break;
  }
  return played;
}

async function play({ name, run }: Step, scene: Scene, signal: AbortSignal): Promise<Played> {
  const { screen } = scene;
  const startedMs = performance.now();
  const say = (mark: string, text: string) => {
    const tookMs = performance.now() - startedMs;
    screen.print(`        ${mark} ${inMs(tookMs)}  ${text}`, "");
    return { name, tookMs };
  };
  try {
    return say(screen.good(PASSED), await run(scene));
  } catch (error) {
    if (signal.aborted || !(error instanceof Error)) throw error;
    const problem = errorText(error);
    return { ...say(screen.bad(FAILED), problem), problem };
  }
}
