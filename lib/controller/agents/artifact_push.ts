/**
 * Sends agents the artifacts that their replicas wait for, as agents may not reach the controller. Level-triggered: an
 * agent says what it lacks with every health answer and when it takes orders, and is sent that, chunk by chunk, until it
 * lacks nothing. A push that broke off is forgotten; what came of it lies with the agent.
 * @module
 */
import type { Happening } from "../../cluster/event.ts";
import type { ClusterState } from "../../cluster/state.ts";
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import { patienceMs } from "../../wire/artifact.ts";
import { ChunksNeeded } from "../../wire/protocol.ts";
import type { ArtifactStore } from "../artifacts/artifact_store.ts";
import { Gate } from "../gate.ts";
import type { LoopInput } from "../loop/effect.ts";
import type { AgentClient } from "./agent_client.ts";

/** Agents that are sent something at once. */
const PUSHES_MAX = 16;
/** Chunks that are on their way to one agent at once. */
const CHUNKS_MAX = 4;
const PAUSE_MIN_MS = 1_000;
const PAUSE_MAX_MS = 30_000;
/** Artifacts of which it was told that they are damaged. */
const TOLD_MAX = 1_000;

export interface ArtifactPusherOptions {
  state: Readonly<ClusterState>;
  client: Pick<AgentClient, "request">;
  artifacts: Pick<ArtifactStore, "readManifest" | "readChunk">;
  clock: Pick<Clock, "now">;
  /** Takes what is worth telling people. */
  tell: (happening: Happening) => void;
  /** Cuts what is under way. */
  signal: AbortSignal;
}

/** Something that an agent is sent. */
interface Push {
  url: string;
  sha256: string;
  signal: AbortSignal;
}

/** What can't be sent, as the cluster has it no more. */
class Lacking extends Error {}

const log = getLog("artifacts");

export class ArtifactPusher {
  readonly #options: ArtifactPusherOptions;
  readonly #gate = new Gate(PUSHES_MAX);
  /** Nodes whose agents are being sent something. */
  readonly #busy = new Set<string>();
  /** After failures, by node. */
  readonly #pauses = new Map<string, { untilMs: number; pauseMs: number }>();
  readonly #told = new Set<string>();

  constructor(options: ArtifactPusherOptions) {
    this.#options = options;
  }

  /** Takes in what an agent says that it lacks. */
  heard(input: LoopInput): void {
    const needs = needsIn(input);
    if (needs === undefined || !("node" in input)) return;
    const { node } = input;
    const { clock, state, signal } = this.#options;
    const isPaused = (this.#pauses.get(node)?.untilMs ?? 0) > clock.now();
    const url = state.nodes.get(node)?.record.url;
    if (url === undefined || isPaused || this.#busy.has(node) || signal.aborted) return;
    this.#busy.add(node);
    this.#gate.pass(() => this.#pushAll(url, needs)).then(
      () => this.#pauses.delete(node),
      (error) => this.#failed(node, error),
    ).finally(() => this.#busy.delete(node));
  }

  /** One after the other; one that can't be sent keeps nothing of the next. */
  async #pushAll(url: string, needs: readonly string[]): Promise<void> {
    let failure: unknown;
    for (const sha256 of needs) {
      try {
        await this.#push({ url, sha256, signal: this.#options.signal });
        this.#told.delete(sha256);
      } catch (error) {
        if (!(error instanceof Lacking)) throw error;
        this.#tellOnce(sha256);
        failure = error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** The list first, which is answered by what is missing, and after that once more, as more may be. */
  async #push(push: Push): Promise<void> {
    const { client, artifacts } = this.#options;
    const text = await artifacts.readManifest(push.sha256);
    if (text === undefined) throw new Lacking(`artifact ${push.sha256}`);
    while (true) {
      const path = `/v1/artifacts/${push.sha256}`;
      const options = { method: "POST" as const, bytes: text, signal: patient(push, text) };
      const response = await client.request(push.url, path, options);
      if (response.status !== 200) return await refused(response);
      const { missing } = ChunksNeeded.parse(await response.json());
      if (missing.length === 0) return;
      await this.#sendChunks(push, missing);
    }
  }

  async #sendChunks(push: Push, digests: readonly string[]): Promise<void> {
    const waiting = [...digests];
    // When one can't be sent, the others are given up.
    const failing = new AbortController();
    const signal = AbortSignal.any([push.signal, failing.signal]);
    const sendInTurn = async () => {
      for (let digest = waiting.shift(); digest !== undefined && !signal.aborted; digest = waiting.shift()) {
        await this.#sendChunk({ ...push, signal }, digest);
      }
    };
    const sends = Array.from({ length: CHUNKS_MAX }, () =>
      sendInTurn().catch((error) => {
        failing.abort();
        throw error;
      }));
    const failed = (await Promise.allSettled(sends)).find((send) => send.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    push.signal.throwIfAborted();
  }

  async #sendChunk(push: Push, digest: string): Promise<void> {
    const { client, artifacts } = this.#options;
    const bytes = await artifacts.readChunk(digest);
    if (bytes === undefined) throw new Lacking(`chunk ${digest}`);
    const options = { method: "PUT" as const, bytes, signal: patient(push, bytes) };
    const response = await client.request(push.url, `/v1/chunks/${digest}`, options);
    if (response.status !== 204) await refused(response);
    await response.body?.cancel();
  }

  #tellOnce(sha256: string): void {
    if (this.#told.has(sha256)) return;
    if (this.#told.size >= TOLD_MAX) this.#told.clear();
    this.#told.add(sha256);
    const text = `Artifact ${sha256} is damaged or gone from the controller's disk: agents that lack it wait; ` +
      "upload it again: controller deploy <dir>";
    this.#options.tell({ kind: "artifact_damaged", severity: "warn", text });
  }

  #failed(node: string, error: unknown): void {
    const { clock, signal } = this.#options;
    if (signal.aborted) return;
    const pauseMs = Math.min((this.#pauses.get(node)?.pauseMs ?? PAUSE_MIN_MS / 2) * 2, PAUSE_MAX_MS);
    this.#pauses.set(node, { untilMs: clock.now() + pauseMs, pauseMs });
    const reason = error instanceof Error ? error.message : String(error);
    log.warn("Cannot send an agent an artifact: it is sent again", { node, reason });
  }
}

/** What is lacking where the input is of, if it says so. */
function needsIn(input: LoopInput): readonly string[] | undefined {
  const said = input.kind === "probe_answered"
    ? input.health.needs
    : input.kind === "orders_answered" && input.reply.kind === "accepted"
    ? input.reply.needs
    : undefined;
  return said === undefined || said.length === 0 ? undefined : said;
}

function patient({ signal }: Push, { length }: Uint8Array): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(patienceMs(length))]);
}

/** Throws, but for an agent that no longer wants it: what it wants is said anew. */
async function refused(response: Response): Promise<void> {
  const { status } = response;
  await response.body?.cancel();
  if (status !== 409) throw new Error(`the agent answers with status ${status}`);
}
