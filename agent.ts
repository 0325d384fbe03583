/**
 * The agent: runs replicas on its host, as controllers order. This file ties flags, log and host to `lib/agent/run.ts`.
 * Needs `-A`: Deno grants access to files in `/proc`, by which processes are told apart, only together with everything.
 * @module
 */
import { JoinRefused } from "./lib/agent/identity/join_refused.ts";
import { hasJoined } from "./lib/agent/identity/papers_file.ts";
import { runAgent } from "./lib/agent/run.ts";
import { AGENT_PROGRAM, readSettings } from "./lib/agent/settings.ts";
import { parseConfig } from "./lib/runtime/config.ts";
import { getLog, setupLog } from "./lib/runtime/log.ts";
import { answerUsage } from "./lib/runtime/usage.ts";

const FAILURE = 1;
/** Its join token does not let it in: to try again without another one is no use. */
const REFUSED = 7;
const BYTES_PER_MIB = 1_024 * 1_024;

const result = await parseConfig(AGENT_PROGRAM, { args: Deno.args, env: Deno.env, readFile: Deno.readTextFile });
if (result.kind !== "config") Deno.exit(answerUsage(AGENT_PROGRAM.name, result));

const { config } = result;
setupLog({ format: config.logFormat, level: config.logLevel });

const checked = await readSettings(config, {
  hostname: Deno.hostname(),
  cores: navigator.hardwareConcurrency,
  memoryMib: Math.floor(Deno.systemMemoryInfo().total / BYTES_PER_MIB),
  readFile: Deno.readTextFile,
  hasJoined: ({ data, port }) => hasJoined({ program: "agent", port, data }, Deno.env),
});
if (checked.kind === "usage_error") Deno.exit(answerUsage(AGENT_PROGRAM.name, checked));

try {
  await runAgent(checked.settings);
} catch (error) {
  getLog("agent").error("Agent can't go on", { error });
  Deno.exit(error instanceof JoinRefused ? REFUSED : FAILURE);
}
Deno.exit(0);
