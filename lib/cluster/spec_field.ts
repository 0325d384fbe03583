/**
 * The building blocks of a service's spec: lengths of time and texts with their limits, and the maker of objects, which
 * is strict where an operator's typo must be named and tolerant between versions of Muster.
 * @module
 */
import * as z from "zod";
import { parseDurationMs, readDurationMs } from "../runtime/duration.ts";

export const TEXT_MAX = 8_192;
/** Words in a command. */
export const COMMAND_MAX = 200;
/** Nothing is probed or restarted more often than this, whatever the operator says. */
export const PAUSE_MIN = "10ms";

/** Makes the schemas of objects: `z.strictObject` or `z.object`. */
export type ObjectOf = typeof z.object;

/** A length of time such as "1s" or "500ms". */
export const Duration = z.string().superRefine((text, context) => {
  try {
    parseDurationMs(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
  }
});

/** A length of time that is not shorter than `least`, nor longer than `most`. */
export function durationFrom(least: string, most?: string) {
  const leastMs = parseDurationMs(least);
  const mostMs = most === undefined ? Infinity : parseDurationMs(most);
  return Duration.refine((text) => (readDurationMs(text) ?? leastMs) >= leastMs, { message: `at least ${least}` })
    .refine((text) => (readDurationMs(text) ?? leastMs) <= mostMs, { message: `at most ${most}` });
}

export const Text = z.string().max(TEXT_MAX).regex(/^[^\0]*$/, { message: "must not contain a NUL character" });

/** A program with its arguments. */
export const CommandLine = z.array(Text).min(1).max(COMMAND_MAX).refine((command) => command[0] !== "", {
  message: "the first word is the program and must not be empty",
});
