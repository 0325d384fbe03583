/**
 * Where a program keeps its files. Controller and agent ask here once, after their flags are read and before anything is
 * opened; beside their state they leave the address that they listen on, for scripts that started them on port 0.
 * @module
 */
import { isAbsolute, join } from "node:path";
import { writeFileAtomic } from "./atomic_file.ts";

/** What decides about the folder. */
export interface DataDirChoice {
  /** The program's name: `controller` or `agent`. */
  program: string;
  /** The port asked for: two programs on one host don't share a folder by accident. 0: a fresh temporary folder. */
  port: number;
  /** The operator's own choice (`--data`), which wins. */
  data?: string | undefined;
}

/** Read access to the environment, as `Deno.env` and `Map` give it. */
export interface Environment {
  get(name: string): string | undefined;
}

/** The data folder, made if need be, and then readable for its owner only. */
export async function openDataDir(choice: DataDirChoice, env: Environment): Promise<string> {
  const path = choice.data ?? defaultDataDir(choice, env);
  if (path === undefined) return await Deno.makeTempDir({ prefix: `muster-${choice.program}-` });
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Error(`Cannot make the data folder ${path}: give another one with --data`, { cause });
  }
  return path;
}

/** The folder by the XDG rules, or undefined on port 0. Throws when the environment names no home. */
export function defaultDataDir({ program, port }: DataDirChoice, env: Environment): string | undefined {
  if (port === 0) return undefined;
  const state = stateHome(env);
  if (state === undefined) throw new Error("Cannot choose a data folder: HOME is not set; give one with --data");
  return join(state, "muster", `${program}-${port}`);
}

/** Leaves `<dir>/<program>.addr` with the address that is listened on, and returns its path. */
export async function writeAddressFile(dir: string, program: string, address: string): Promise<string> {
  const path = join(dir, `${program}.addr`);
  await writeFileAtomic(path, address, { mode: 0o644 });
  return path;
}

function stateHome(env: Environment): string | undefined {
  const named = env.get("XDG_STATE_HOME") || env.get("LOCALAPPDATA");
  // The XDG rules say that a relative path there is to be ignored.
  if (named && isAbsolute(named)) return named;
  const home = env.get("HOME") || env.get("USERPROFILE");
  return home ? join(home, ".local", "state") : undefined;
}
