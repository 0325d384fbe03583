/**
 * A payload at work, without process or network: made from flags as an operator would give them, with a clock that the
 * test sets and a listener that is only claimed.
 * @module
 */
import { newWork, type Work } from "../../lib/payload/work.ts";
import { type PayloadConfig, payloadProgram } from "../../lib/payload/payload_flags.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import { parseConfig } from "../../lib/runtime/config.ts";
import { seededRandom } from "../../lib/runtime/random.ts";

/** The payload's config for these arguments. */
export async function configFor(...args: string[]): Promise<PayloadConfig> {
  const readFile = () => Promise.reject(new Error("no file expected"));
  const result = await parseConfig(payloadProgram, { args, env: new Map(), readFile });
  if (result.kind !== "config") throw new Error(`Cannot make a config of ${args.join(" ")}: ${result.kind}`);
  return result.config;
}

/** A clock that stands still until the test moves it; sleeping moves it, too. */
export interface HandClock extends Clock {
  ms: number;
}

/** A clock at zero. */
export function handClock(): HandClock {
  const clock: HandClock = {
    ms: 0,
    now: () => clock.ms,
    wall: () => Date.UTC(2026, 0, 2) + clock.ms,
    sleep: (ms) => {
      clock.ms += ms;
      return Promise.resolve();
    },
  };
  return clock;
}

/** A payload that listens on 127.0.0.1:8080 since the clock's zero. */
export async function workFor(...args: string[]): Promise<Work & { clock: HandClock; crashes: number }> {
  const clock = handClock();
  const work = newWork({
    config: await configFor(...args),
    identity: { id: "0b9e6a4e-0000-4000-8000-000000000000", service: "web", slot: 2 },
    clock,
    random: seededRandom(1),
    crash: () => result.crashes++,
  });
  const result = Object.assign(work, { clock, crashes: 0 });
  result.listening = { sinceMs: 0, host: "127.0.0.1", port: 8080 };
  return result;
}
