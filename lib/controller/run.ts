/**
 * The controller from its start to its end: one life after another, over one data folder and one store. A life ends when
 * the controller is asked to end, or when a backup takes the place of all that it went by; then the next one begins.
 * @module
 */
import { openDataDir } from "../runtime/data_dir.ts";
import { getLog } from "../runtime/log.ts";
import { openArtifacts } from "./artifacts/open_artifacts.ts";
import { live, type World } from "./life.ts";
import { openStore } from "./open_store.ts";
import type { ControllerSettings } from "./settings.ts";
import { StoreReplacedError } from "./store/replacement.ts";

const log = getLog("controller");

/** Runs until `ending` is aborted. Rejects, with what to do, when it can't start or can't go on. */
export async function runController(settings: ControllerSettings, world: World): Promise<void> {
  const { clock, random, worker, env } = world;
  const folder = await openDataDir({ program: "controller", port: settings.port, data: settings.data }, env);
  await using stack = new AsyncDisposableStack();
  const store = stack.use(await openStore({ kind: settings.store, folder, worker, random }));
  const defer = (undo: () => Promise<void>) => stack.defer(undo);
  const artifacts = await openArtifacts({ kind: settings.store, folder, clock, defer });
  // Whoever asked for any free port keeps the one that it got.
  let { port } = settings;
  const onListening = (address: { host: string; port: number }) => {
    port = address.port;
    world.onListening?.(address);
  };
  for (;;) {
    try {
      return await live({ ...settings, port }, { ...world, onListening }, { folder, store, artifacts });
    } catch (error) {
      if (!(error instanceof StoreReplacedError)) throw error;
      log.warn("A backup was restored: the controller begins anew with it");
    }
  }
}
