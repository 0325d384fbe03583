/**
 * The controller: keeps what should run, decides where, and is the way in. This file ties flags, log, signals and the
 * ingress to `lib/controller/run.ts`, and hands commands to the command line in `lib/console/cli`. As the module of a
 * worker it is the store's thread, or one of the ingress. Needs `--allow-net --allow-env --allow-read --allow-write --allow-sys`.
 * @module
 */
const [command] = Deno.args;

if ("WorkerGlobalScope" in globalThis) {
  // Its name says what it is for.
  if (globalThis.name === "ingress") (await import("./lib/ingress/engine/worker.ts")).runIngressWorker();
  else (await import("./lib/controller/store/sqlite_worker.ts")).runSqliteWorker();
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
  const { pagesIn } = await import("./lib/controller/pages/page_files.ts");
  const { CONTROLLER_PROGRAM, readSettings } = await import("./lib/controller/settings.ts");
  const { createIngress } = await import("./lib/ingress/ingress.ts");
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

  const { settings } = checked;
  const worker = import.meta.url;
  const openIngress = () => createIngress({ defaultService: DEFAULT_SERVICE, clock, worker, own: settings.ingress });
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
      worker,
      openIngress,
      // In a binary it lies beside the bundled entry just as here.
      pages: pagesIn(new URL("./dist/web/dashboard.json", import.meta.url)),
      ending: ending.signal,
    });
    return 0;
  } catch (error) {
    getLog("controller").error("Controller can't go on", { error });
    return 1;
  }
}
