/**
 * Whether the controller's data folder on this host is for its owner's eyes only, as it holds keys, and has room left.
 * Only when it is the controller of this host that is asked about.
 * @module
 */
import { statfs } from "node:fs/promises";
import { isLoopback } from "../../../runtime/exposure.ts";
import { bytes } from "../../render/amount.ts";
import { controllerFolders } from "../connection/local_controller.ts";
import { type Check, type Finding, type Patient, problem, warning } from "./finding.ts";

const FOR_OTHERS = 0o077;
const ROOM_MIN_BYTES = 256 * 1_048_576;

export const HOST_CHECK: Check = {
  fine: "the data folder on this host is its owner's alone and has room",
  examine: async ({ connection: { server }, io }) => {
    if (!isLoopback(new URL(server).hostname)) return [];
    const found = await Promise.all(controllerFolders(io).map((folder) => findingsIn(folder, io)));
    return found.flat();
  },
};

async function findingsIn(folder: string, io: Patient["io"]): Promise<Finding[]> {
  const mode = await modeIfThere(folder, io);
  if (mode === undefined) return [];
  const found: Finding[] = [];
  if (((mode ?? 0) & FOR_OTHERS) !== 0) {
    const remedy = `chmod 700 ${folder}`;
    found.push(problem("others may read the folder of keys and tokens", folder, { remedy }));
  }
  const roomBytes = await roomIn(folder);
  if (roomBytes !== undefined && roomBytes < ROOM_MIN_BYTES) {
    const remedy = "make room: without any nothing that is decided can be kept, and so nothing is done";
    found.push(warning(`only ${bytes(roomBytes)} are left on its disk`, folder, { remedy }));
  }
  return found;
}

/** Undefined where there is no such folder, or it isn't this user's to look at. */
async function modeIfThere(folder: string, { modeOf }: Patient["io"]): Promise<number | null | undefined> {
  try {
    return await modeOf(folder);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}

/** Undefined where the system doesn't say. */
async function roomIn(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}
