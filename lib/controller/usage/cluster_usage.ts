/**
 * What agents measure on their nodes, asked of all that matter at once and within a second; who does not answer by then
 * is silent. An answer is good for a second, whoever asks: many pages that show the same ask the agents once.
 * @module
 */
import { abortable } from "@std/async";
import type { NodeState } from "../../cluster/node.ts";
import type { Clock } from "../../runtime/clock.ts";
import { readLines } from "../../wire/ndjson.ts";
import { AgentUsage } from "../../wire/usage.ts";
import type { AgentClient } from "../agents/agent_client.ts";
import { Gate } from "../gate.ts";

const DEADLINE_MS = 1_000;
const GOOD_FOR_MS = 1_000;
/** Agents that are asked at the same time. */
const ASKED_MAX = 64;
const ANSWER_BYTES_MAX = 8 * 1_024 * 1_024;

interface Source {
  client: Pick<AgentClient, "request">;
  clock: Clock;
  /** Aborted when the controller ends. */
  ending: AbortSignal;
}

interface Asked {
  atMs: number;
  answer: Promise<AgentUsage | undefined>;
}

export class ClusterUsage {
  readonly #gate = new Gate(ASKED_MAX);
  /** By node; what is too old is forgotten when somebody asks. */
  readonly #asked = new Map<string, Asked>();

  /** What is used on each of the nodes, by id; a silent one is left out. */
  async of(source: Source, nodes: readonly NodeState[]): Promise<Map<string, AgentUsage>> {
    const nowMs = source.clock.now();
    for (const [id, { atMs }] of this.#asked) if (nowMs - atMs >= GOOD_FOR_MS) this.#asked.delete(id);
    const signal = AbortSignal.any([source.ending, AbortSignal.timeout(DEADLINE_MS)]);
    const answers = await Promise.all(nodes.map(async (node) => {
      const { id } = node.record;
      const known = this.#asked.get(id) ?? { atMs: nowMs, answer: this.#ask(source, node, signal) };
      this.#asked.set(id, known);
      return [id, await known.answer] as const;
    }));
    return new Map(answers.flatMap(([id, usage]) => usage === undefined ? [] : [[id, usage] as const]));
  }

  async #ask(
    { client }: Source,
    { record, liveness }: NodeState,
    signal: AbortSignal,
  ): Promise<AgentUsage | undefined> {
    // Whoever was not heard for so long would only make the others wait.
    if (liveness === "pending" || liveness === "lost") return undefined;
    return await this.#gate.pass(async () => {
      try {
        signal.throwIfAborted();
        return await abortable(usageIn(await client.request(record.url, "/v1/usage", { signal })), signal);
      } catch (error) {
        // Whatever keeps it from answering, people are told who is silent.
        if (!(error instanceof Error)) throw error;
        return undefined;
      }
    });
  }
}

/** The answer is one line. An agent of a version that measures nothing has no such path, and refuses. */
async function usageIn(response: Response): Promise<AgentUsage | undefined> {
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    return undefined;
  }
  for await (const text of readLines(response.body, { lineBytesMax: ANSWER_BYTES_MAX })) {
    return AgentUsage.parse(JSON.parse(text));
  }
  return undefined;
}
