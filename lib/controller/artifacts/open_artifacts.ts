/**
 * The artifacts of a controller's life: opened beside its store, and swept now and then of what no service names. Where
 * the store is in memory, so is what names them: they lie in a folder that goes with it.
 * @module
 */
import { join } from "node:path";
import type { ClusterState } from "../../cluster/state.ts";
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import type { ArtifactStore } from "./artifact_store.ts";
import { openFolderStore } from "./folder_store.ts";
import { namedArtifacts } from "./named_artifacts.ts";

const SWEEP_MS = 600_000;

const log = getLog("artifacts");

export interface OpenArtifactsOptions {
  /** Where the controller's state is kept. */
  kind: "sqlite" | "memory";
  /** The controller's data folder. */
  folder: string;
  clock: Clock;
  /** Given what is to be undone at the end. */
  defer: (undo: () => Promise<void>) => void;
}

/** Opens them. */
export async function openArtifacts({ kind, folder, clock, defer }: OpenArtifactsOptions): Promise<ArtifactStore> {
  if (kind === "sqlite") return await openFolderStore(join(folder, "artifacts"), { clock });
  const temporary = await Deno.makeTempDir({ prefix: "muster-artifacts-" });
  defer(() => Deno.remove(temporary, { recursive: true }));
  return await openFolderStore(temporary, { clock });
}

/** Removes again and again what nobody needs, until the signal is aborted. */
export async function keepSwept(
  artifacts: ArtifactStore,
  { state, clock, signal }: { state: Readonly<ClusterState>; clock: Clock; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const swept = await artifacts.sweep(new Set(namedArtifacts(state).keys()));
      if (swept.artifacts + swept.chunks > 0) log.info("Removed artifacts that no service names", swept);
    } catch (error) {
      log.error("Cannot remove artifacts: it is tried again", { error });
    }
    try {
      await clock.sleep(SWEEP_MS, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
