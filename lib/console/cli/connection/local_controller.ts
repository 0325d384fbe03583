/**
 * The controller of this very host: whoever may read its data folder finds there where it listens, by what it is believed
 * and the administrator's token, and needs to say none of that.
 * @module
 */
import { join } from "node:path";
import { defaultDataDir } from "../../../runtime/data_dir.ts";
import type { ContextEntry } from "./context_file.ts";

/** Where the service of a host keeps its state. */
const SERVICE_FOLDER = "/var/lib/muster/controller";
const PORT_USUAL = 8_000;

export interface LocalIo {
  env: { get(name: string): string | undefined };
  readFile(path: string): Promise<string>;
}

/** How to speak to it; undefined where there is none that is secure, or it is not this user's. */
export async function localController(io: LocalIo): Promise<ContextEntry | undefined> {
  for (const folder of controllerFolders(io)) {
    const [address, ca, token] = await Promise.all(
      ["controller.addr", "authority/authority.pem", "admin.token"].map((name) => readIfMine(join(folder, name), io)),
    );
    if (address === undefined || ca === undefined || token === undefined) continue;
    const reached = address.trim().replace(/^0\.0\.0\.0:/, "127.0.0.1:").replace(/^\[::\]:/, "[::1]:");
    return { server: `https://${reached}`, token: token.trim(), ca };
  }
  return undefined;
}

/** Where a controller of this host may keep its files, the likeliest first. */
export function controllerFolders({ env }: Pick<LocalIo, "env">): string[] {
  const own = env.get("MUSTER_DATA");
  const home = env.get("HOME") === undefined
    ? undefined
    : defaultDataDir({ program: "controller", port: PORT_USUAL }, env);
  return [own, SERVICE_FOLDER, home].filter((folder) => folder !== undefined);
}

async function readIfMine(path: string, { readFile }: LocalIo): Promise<string | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}
