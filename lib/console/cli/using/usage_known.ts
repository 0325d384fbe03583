/**
 * What replicas and nodes use, where the controller can say. It is an addition to what is shown anyway: one that is of a
 * former version, or too busy to ask its agents, costs nothing but these columns.
 * @module
 */
import type { Client, Input } from "../../../wire/client/client.ts";
import { ApiRefusal, Unreachable } from "../../../wire/client/problem_error.ts";
import type { UsageView } from "../../../wire/usage.ts";

const ANSWER_MS = 2_000;

/** What is used; undefined where that isn't known. */
export async function usageKnown(
  client: Client,
  query: NonNullable<Input<"getUsage">["query"]>,
  { signal }: { signal: AbortSignal },
): Promise<UsageView | undefined> {
  try {
    return await client.getUsage({ query }, { signal, answerMs: ANSWER_MS });
  } catch (error) {
    if (error instanceof ApiRefusal || error instanceof Unreachable) return undefined;
    throw error;
  }
}
