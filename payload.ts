/**
 * The payload: the workload that ships with Muster. This file ties the flags, the log and the signals of the process to
 * `lib/payload/run.ts`. Needs `--allow-net --allow-env`, and `--allow-read` for `--config-file`.
 * @module
 */
import { payloadProgram } from "./lib/payload/payload_flags.ts";
import { runPayload } from "./lib/payload/run.ts";
import { systemClock } from "./lib/runtime/clock.ts";
import { parseConfig } from "./lib/runtime/config.ts";
import { getLog, setupLog } from "./lib/runtime/log.ts";
import { systemRandom } from "./lib/runtime/random.ts";
import { onSignals } from "./lib/runtime/signals.ts";
import { answerUsage } from "./lib/runtime/usage.ts";

/** The exit code of a program that was interrupted a second time. */
const INTERRUPTED = 130;

const result = await parseConfig(payloadProgram, { args: Deno.args, env: Deno.env, readFile: Deno.readTextFile });
if (result.kind !== "config") Deno.exit(answerUsage(payloadProgram.name, result));

const { config } = result;
setupLog({ format: config.logFormat, level: config.logLevel });
const log = getLog("payload");
const ending = new AbortController();

using _signals = onSignals(["SIGTERM", "SIGINT"], (signal) => {
  if (signal === "SIGTERM" && config.ignoreSigterm) return log.warn("SIGTERM ignored, as told");
  if (ending.signal.aborted) Deno.exit(INTERRUPTED);
  log.info(`${signal} received`);
  ending.abort();
});

Deno.exit(
  await runPayload(config, {
    clock: systemClock,
    random: systemRandom,
    env: Deno.env,
    ending: ending.signal,
    exit: Deno.exit,
  }),
);
