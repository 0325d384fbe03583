/**
 * The payload's flags: where it listens, how it greets, and the ways in which it can be told to misbehave, so that tests
 * and demonstrations see how Muster copes. Read by the entry file `payload.ts`; everything else gets `PayloadConfig`.
 * @module
 */
import type { Program } from "../runtime/config.ts";
import { duration, number, oneOf, onOff, port, text, type ValuesOf } from "../runtime/flag.ts";

const behaviour = "Behaviour";
const faults = "Misbehaviour (probes and metrics are spared unless said otherwise)";

const flags = {
  host: text({ help: "Address to listen on", placeholder: "<address>", default: "127.0.0.1", alsoEnv: "HOST" }),
  port: port({ help: "Port to listen on, 0 for any free one", default: "0", alsoEnv: "PORT" }),
  logFormat: oneOf(["auto", "json", "pretty"], { help: "How log lines look", default: "auto" }),
  logLevel: oneOf(["debug", "info", "warn", "error"], { help: "The least grave lines to log", default: "info" }),

  greeting: text({ group: behaviour, help: "First word of the answer at /", default: "Hello" }),
  startDelayMs: duration({ group: behaviour, help: "Wait so long before listening", default: "0s" }),
  readyDelayMs: duration({ group: behaviour, help: "Say 503 at /readyz for so long after listening", default: "0s" }),
  drainMs: duration({ group: behaviour, help: "Give requests so long to finish at the end", default: "10s" }),

  latencyMs: duration({ group: faults, help: "Answer each request so much later", default: "0s" }),
  errorRate: number({ group: faults, help: "Share of requests to answer with 500", min: 0, max: 1, default: "0" }),
  crashAfterMs: duration({ group: faults, help: "Exit so long after the start" }),
  crashAtRequest: number({ group: faults, help: "Exit at that request, unanswered", min: 1, max: 1e9, whole: true }),
  exitCode: number({ group: faults, help: "Exit code of a crash", min: 0, max: 255, whole: true, default: "1" }),
  hangAfterMs: duration({ group: faults, help: "Accept, but never answer again from then on, probes neither" }),
  ignoreSigterm: onOff({ group: faults, help: "Go on running at SIGTERM" }),
  eatMemoryMib: number({
    group: faults,
    help: "MiB of memory to take",
    min: 0,
    max: 65_536,
    whole: true,
    default: "0",
  }),
  floodLog: onOff({ group: faults, help: "Write lines to stdout without end" }),
};

/** The payload as `parseConfig` wants it. */
export const payloadProgram: Program<typeof flags> = {
  name: "payload",
  summary: "the workload that ships with Muster",
  flags,
  configFile: "yaml",
};

/** What the flags say. */
export type PayloadConfig = ValuesOf<typeof flags>;
