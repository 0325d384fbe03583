/**
 * What a command's end means to a script: one number per kind of ending, the same for all commands. A command returns its
 * own or throws; what it throws is told on standard error and turned into a number here.
 * @module
 */
import { printable } from "../../runtime/sanitize.ts";
import { ApiRefusal, Unreachable } from "../../wire/client/problem_error.ts";
import type { Screen } from "./screen.ts";

export const EXIT = {
  fine: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  unplaceable: 5,
  timeout: 6,
  authentication: 7,
  unreachable: 8,
  interrupted: 130,
} as const;

const BY_STATUS: ReadonlyMap<number, number> = new Map([
  [400, EXIT.usage],
  [401, EXIT.authentication],
  [403, EXIT.authentication],
  [404, EXIT.notFound],
  [408, EXIT.timeout],
  [409, EXIT.conflict],
  [412, EXIT.conflict],
  [429, EXIT.authentication],
  [504, EXIT.timeout],
]);

const START_HINT = 'Start one with "controller serve", or say where it is with --server or MUSTER_SERVER.';
const TOKEN_HINT = "Give a token that may do this with --token-file, MUSTER_TOKEN_FILE or a context.";

/** A command was called in a way that can't be meant. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What was named isn't there, as far as what the controller lists shows. */
export class NotFoundError extends Error {
  override readonly name = "NotFoundError";
}

/** Tells what went wrong and gives the code to exit with. What isn't known here is a bug and goes on as such. */
export async function endingOf(error: unknown, { signal, errors }: { signal: AbortSignal; errors: Screen }) {
  // The reader of a pipe left, as `head` does when it has seen enough.
  if (error instanceof Deno.errors.BrokenPipe) return EXIT.fine;
  if (signal.aborted) return EXIT.interrupted;
  if (error instanceof UsageError) return await tell(errors, EXIT.usage, [error.message]);
  if (error instanceof NotFoundError) return await tell(errors, EXIT.notFound, [error.message]);
  if (error instanceof Unreachable) return await tell(errors, EXIT.unreachable, [error.message, START_HINT]);
  if (!(error instanceof ApiRefusal)) throw error;
  const code = BY_STATUS.get(error.problem.status) ?? EXIT.failure;
  return await tell(errors, code, [error.message, ...(code === EXIT.authentication ? [TOKEN_HINT] : [])]);
}

async function tell(errors: Screen, code: number, lines: readonly string[]): Promise<number> {
  await errors.write(`${printable(lines.join("\n"))}\n`);
  return code;
}
