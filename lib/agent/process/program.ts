/**
 * Finds the program that a service's command names: an absolute path, else within the service's artifact, beside the
 * agent, in its working directory or in PATH. Beside an agent that runs from source stand the sources of the other programs, which Deno then runs
 * without ever downloading anything.
 * @module
 */
import { dirname, extname, isAbsolute, resolve, sep as SEPARATOR } from "node:path";
import { fileURLToPath } from "node:url";

/** Where programs are looked for. */
export interface Places {
  /** The folder of the agent's binary or source. */
  beside: string;
  /** The Deno that runs programs from source; undefined when the agent is a binary of its own. */
  deno: string | undefined;
  workingFolder: string;
  /** The folder of the replica's artifact, where it has one. */
  artifact?: string | undefined;
  path: string;
  os: typeof Deno.build.os;
}

export type Program =
  | { kind: "found"; command: readonly [string, ...string[]]; fromSource: boolean }
  | { kind: "missing"; reason: string };

/** What a program that is run from source may do. */
const SOURCE_PERMISSIONS = ["--allow-net", "--allow-env", "--allow-read", "--allow-sys"];

interface Candidate {
  path: string;
  kind: "executable" | "source";
}

/**
 * The command that runs the program, without its arguments. Looked up anew for each start, as programs may be replaced,
 * and synchronously: a look takes microseconds, a trip through the thread pool many times as long.
 */
export function findProgram(name: string, places: Places): Program {
  const candidates = candidatesOf(name, places);
  const problems: string[] = [];
  for (const candidate of candidates) {
    const problem = problemOf(candidate, places.os);
    if (problem === undefined) return { kind: "found", ...commandOf(candidate, places) };
    if (problem !== NOT_THERE) problems.push(`${candidate.path} ${problem}`);
  }
  const looked = isAbsolute(name)
    ? "nothing is there"
    : `looked ${places.artifact === undefined ? "" : "in the artifact, "}beside the agent (${places.beside}), ` +
      `in its working directory (${places.workingFolder}) and in PATH`;
  return { kind: "missing", reason: `Cannot find program "${name}": ${[...problems, looked].join("; ")}` };
}

/** Where this agent looks. */
export function placesOfThisAgent(): Places {
  const { standalone, os } = Deno.build;
  return {
    beside: dirname(standalone ? Deno.execPath() : fileURLToPath(Deno.mainModule)),
    deno: standalone ? undefined : Deno.execPath(),
    workingFolder: Deno.cwd(),
    path: Deno.env.get("PATH") ?? "",
    os,
  };
}

function candidatesOf(name: string, places: Places): Candidate[] {
  if (isAbsolute(name)) return namesOn(places.os, name).map((path) => ({ path, kind: "executable" }));
  return [...withinArtifact(name, places), ...elsewhere(name, places)];
}

/** What the artifact has goes before what the host has. */
function withinArtifact(name: string, { artifact, os }: Places): Candidate[] {
  if (artifact === undefined) return [];
  const paths = namesOn(os, name).map((file) => resolve(artifact, file));
  return paths.filter((path) => path.startsWith(artifact + SEPARATOR)).map((path) => ({ path, kind: "executable" }));
}

function elsewhere(name: string, places: Places): Candidate[] {
  const executable = (folder: string): Candidate[] =>
    namesOn(places.os, name).map((file) => ({ path: resolve(folder, file), kind: "executable" }));
  // A name with a folder in it is no name to look up: it says where the program lies in the working directory.
  if (name.includes("/")) return executable(places.workingFolder);
  const source: Candidate[] = places.deno === undefined
    ? []
    : [{ path: resolve(places.beside, `${name}.ts`), kind: "source" }];
  const inPath = places.path.split(DELIMITER[places.os] ?? ":").filter((folder) => isAbsolute(folder));
  return [...executable(places.beside), ...source, ...[places.workingFolder, ...inPath].flatMap(executable)];
}

const DELIMITER: Partial<Record<typeof Deno.build.os, string>> = { windows: ";" };

function namesOn(os: typeof Deno.build.os, name: string): string[] {
  return os === "windows" && extname(name) === "" ? [`${name}.exe`] : [name];
}

const NOT_THERE = "is not there";

function problemOf({ path, kind }: Candidate, os: typeof Deno.build.os): string | undefined {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return NOT_THERE;
    if (error instanceof Deno.errors.PermissionDenied) return "may not be looked at";
    throw error;
  }
  if (!info.isFile) return "is no file";
  const mayRun = kind === "source" || os === "windows" || ((info.mode ?? 0) & ANY_EXECUTE) !== 0;
  return mayRun ? undefined : "is not executable";
}

const ANY_EXECUTE = 0o111;

function commandOf({ path, kind }: Candidate, { deno }: Places): Omit<Extract<Program, { kind: "found" }>, "kind"> {
  if (kind === "executable" || deno === undefined) return { command: [path], fromSource: false };
  const flags = ["--quiet", "--no-prompt", "--no-lock", "--cached-only", ...SOURCE_PERMISSIONS];
  return { command: [deno, "run", ...flags, path], fromSource: true };
}
