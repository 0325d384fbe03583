/**
 * What the replicas and their host use, measured when somebody asks and not otherwise. Processor time is told as cores
 * since the measurement before, so that who asks for the first time learns of memory only. Answers are good for a second:
 * many may ask, and it is measured once.
 * @module
 */
import type { Observation } from "../../cluster/replica.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { AgentUsage } from "../../wire/usage.ts";
import type { Platform, UsageSample } from "../platform/platform.ts";

const GOOD_FOR_MS = 1_000;
/** A measurement longer ago says nothing of what is used now. */
const BEFORE_MAX_MS = 60_000;

export interface UsageSamplerOptions {
  platform: Pick<Platform, "usage">;
  clock: Clock;
  /** What was last seen of the replicas that are here. */
  replicas: ReadonlyMap<string, Pick<Observation, "instance" | "pid">>;
  /** The host's, in bytes. */
  memory: () => { total: number; available: number };
}

interface Measured {
  atMs: number;
  busyS: number | undefined;
  /** Processor time so far, by instance. */
  cpuS: ReadonlyMap<string, number>;
}

export class UsageSampler {
  readonly #options: UsageSamplerOptions;
  #before: Measured | undefined;
  #answer: { atMs: number; usage: Promise<AgentUsage> } | undefined;

  constructor(options: UsageSamplerOptions) {
    this.#options = options;
  }

  read(): Promise<AgentUsage> {
    const nowMs = this.#options.clock.now();
    if (this.#answer !== undefined && nowMs - this.#answer.atMs < GOOD_FOR_MS) return this.#answer.usage;
    const usage = this.#measure();
    const answer = this.#answer = { atMs: nowMs, usage };
    // What failed is tried again by who asks next.
    usage.catch(() => {
      if (this.#answer === answer) this.#answer = undefined;
    });
    return usage;
  }

  async #measure(): Promise<AgentUsage> {
    const { platform, clock, replicas, memory } = this.#options;
    const running = [...replicas].flatMap(([id, { instance, pid }]) =>
      instance === null || pid === null ? [] : [{ id, instance, pid }]
    );
    const sample = await platform.usage?.(new Set(running.map(({ pid }) => pid)));
    const atMs = clock.now();
    const before = this.#before !== undefined && atMs - this.#before.atMs <= BEFORE_MAX_MS ? this.#before : undefined;
    const cpuS = new Map(running.flatMap(({ instance, pid }) => {
      const used = sample?.sessions.get(pid);
      return used === undefined ? [] : [[instance, used.cpuS] as const];
    }));
    this.#before = { atMs, busyS: busyIn(sample), cpuS };
    const elapsedS = before === undefined ? 0 : (atMs - before.atMs) / 1_000;
    const { total, available } = memory();
    return {
      cpu: sample !== undefined && "busyCores" in sample.host
        ? rounded(sample.host.busyCores)
        : coresOf(before?.busyS, busyIn(sample), elapsedS),
      memory_bytes: total - available,
      replicas: running.map(({ id, instance, pid }) => ({
        id,
        cpu: coresOf(before?.cpuS.get(instance), cpuS.get(instance), elapsedS),
        memory_bytes: sample?.sessions.get(pid)?.memoryBytes ?? null,
      })),
    };
  }
}

function busyIn(sample: UsageSample | undefined): number | undefined {
  return sample !== undefined && "busyS" in sample.host ? sample.host.busyS : undefined;
}

function coresOf(beforeS: number | undefined, nowS: number | undefined, elapsedS: number): number | null {
  if (beforeS === undefined || nowS === undefined || elapsedS <= 0) return null;
  // A child that ended without being waited for takes its time along.
  return rounded(Math.max(0, nowS - beforeS) / elapsedS);
}

function rounded(cores: number): number {
  return Math.round(cores * 1_000) / 1_000;
}
