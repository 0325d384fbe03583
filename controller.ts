/**
 * The controller: keeps what should run, decides where, and is the way in. This file ties flags, log, signals and the
 * ingress to `lib/controller/run.ts`, and hands commands to the command line in `lib/console/cli`. As the module of a
 * worker it is the store's thread. Needs `--allow-net --allow-env --allow-read --allow-write --allow-sys`.
 * @module
 */
import type { AgentAccess } from "./lib/wire/tunnel.ts";

const [command] = Deno.args;

if ("WorkerGlobalScope" in globalThis) {
  const { runSqliteWorker } = await import("./lib/controller/store/sqlite_worker.ts");
  runSqliteWorker();
} else if (command === undefined || command === "serve" || command.startsWith("-")) {
  Deno.exit(await serve(command === "serve" ? Deno.args.slice(1) : Deno.args));
} else {
  const { processIo } = await import("./lib/console/cli/process_io.ts");
  const { runCommand } = await import("./lib/console/cli/run.ts");
  const { onSignals } = await import("./lib/runtime/signals.ts");
  const leaving = new AbortController();
  using _signals = onSignals(["SIGTERM", "SIGINT"], () => leaving.abort());
  Deno.exit(await runCommand(command, Deno.args.slice(1), processIo(leaving.signal)));
}

/** Runs the controller and gives the exit code. What only this needs is loaded here: commands start faster without. */
async function serve(args: readonly string[]): Promise<number> {
  const { DEFAULT_SERVICE } = await import("./lib/cluster/service.ts");
  const { runController } = await import("./lib/controller/run.ts");
  const { CONTROLLER_PROGRAM, readSettings } = await import("./lib/controller/settings.ts");
  const { createProxy } = await import("./lib/ingress/proxy.ts");
  const { EndpointTable } = await import("./lib/ingress/table.ts");
  const { systemClock: clock } = await import("./lib/runtime/clock.ts");
  const { parseConfig } = await import("./lib/runtime/config.ts");
  const { getLog, setupLog } = await import("./lib/runtime/log.ts");
  const { systemRandom: random } = await import("./lib/runtime/random.ts");
  const { onSignals } = await import("./lib/runtime/signals.ts");
  const { answerUsage } = await import("./lib/runtime/usage.ts");
  const INTERRUPTED = 130;

  const result = await parseConfig(CONTROLLER_PROGRAM, { args, env: Deno.env, readFile: Deno.readTextFile });
  if (result.kind !== "config") return answerUsage(CONTROLLER_PROGRAM.name, result);
  const { config } = result;
  const checked = await readSettings(config, { readFile: Deno.readTextFile });
  if (checked.kind === "usage_error") return answerUsage(CONTROLLER_PROGRAM.name, checked);
  setupLog({ format: config.logFormat, level: config.logLevel });

  const table = new EndpointTable();
  const { settings } = checked;
  // What each agent is shown is known when the controller has found out who belongs to the cluster.
  const access: AgentAccess = {};
  const proxy = createProxy({ table, service: DEFAULT_SERVICE, clock, access });
  const ending = new AbortController();
  using _signals = onSignals(["SIGTERM", "SIGINT"], (signal) => {
    if (ending.signal.aborted) Deno.exit(INTERRUPTED);
    getLog("controller").info(`${signal} received`);
    ending.abort();
  });
  try {
    await runController(settings, {
      clock,
      random,
      env: Deno.env,
      hostname: Deno.hostname(),
      worker: import.meta.url,
      ingress: {
        setEndpoints: (service, endpoints) => table.replace(service, endpoints),
        setAccess: (found) => Object.assign(access, found),
        handle: proxy.handle,
        metrics: proxy.metrics,
        close: proxy.dispose,
      },
      ending: ending.signal,
    });
    return 0;
  } catch (error) {
    getLog("controller").error("Controller can't go on", { error });
    return 1;
  }
}
