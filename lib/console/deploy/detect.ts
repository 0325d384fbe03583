/**
 * What a folder is to run as: its `muster.yaml`, which says all there is to say, and what that leaves open by what lies
 * in the folder, as people are used to lay it out. Where nothing is found, what was looked for is said.
 * @module
 */
import { basename, join } from "node:path";
import * as z from "zod";
import { parseJson } from "../../wire/json.ts";
import { type DocumentFault, readDocuments } from "../../wire/documents.ts";
import { checkSpec, SpecGiven } from "../../wire/specs.ts";
import type { Packed } from "./pack.ts";

/** A spec as it is sent; where it runs a folder, `artifact` is added once that is uploaded. */
export type FolderSpec = z.input<typeof SpecGiven>;

export type Detected =
  /** `how` says in words what told it: 'muster.yaml', '"start" in package.json', 'main.ts'. */
  | { kind: "found"; spec: FolderSpec; how: string }
  | { kind: "faulty"; file: string; faults: DocumentFault[] }
  /** `looked` says what was looked for and what to do. */
  | { kind: "unknown"; looked: string };

export interface DetectOptions {
  /** The service's name, which goes before the one in the spec and the folder's own. */
  name?: string | undefined;
  /** Gives the text of a file below the folder. */
  readText?: (path: string) => Promise<string>;
}

const DENO_NAMES = ["main.ts", "server.ts", "app.ts", "index.ts"];
const NODE_NAMES = ["server", "index", "main", "app"].flatMap((name) => [`${name}.js`, `${name}.mjs`, `${name}.cjs`]);
const PYTHON_NAMES = ["main.py", "app.py", "server.py"];
const EXECUTABLE_NAMES = ["run", "start", "run.sh", "start.sh", "server", "main"];
/** What runs scripts without anything else around it. */
const RUNNERS = ["node", "deno", "bun"];
const NAME_MAX = 63;

const LOOKED = `found nothing to run: there is no muster.yaml, no "start" in package.json that is a plain ` +
  "node or deno command, no main.ts, server.js or main.py (or a name like these), and no executable called run, " +
  `start, server, main or as the folder; say what to run in a muster.yaml, such as command: [node, src/web.js]`;

type Folder = Pick<Packed, "folder" | "files" | "specFile">;
interface Command {
  command: [string, ...string[]];
  how: string;
}

/** Finds out what to run. */
export async function detectProgram(
  packed: Folder,
  { name, readText = (path) => Deno.readTextFile(join(packed.folder, path)) }: DetectOptions,
): Promise<Detected> {
  const called = name ?? labelOf(packed.folder);
  if (packed.specFile !== undefined) {
    return await bySpec(packed, { file: packed.specFile, text: await readText(packed.specFile), name, readText });
  }
  const found = await commandIn(packed, readText);
  if (found === undefined) return { kind: "unknown", looked: LOOKED };
  return { kind: "found", spec: { name: called, command: found.command }, how: found.how };
}

interface SpecText {
  file: string;
  text: string;
  name: string | undefined;
  readText: (path: string) => Promise<string>;
}

/** What the file leaves out is filled in before it is checked, so that every slip has its place in the file. */
async function bySpec(packed: Folder, { file, text, name, readText }: SpecText): Promise<Detected> {
  const read = readDocuments(text);
  if (read.kind === "faulty") return { kind: "faulty", file, faults: read.faults };
  const [document] = read.documents;
  const only = z.record(z.string(), z.unknown()).safeParse(read.documents.length === 1 ? document?.value : undefined);
  if (document === undefined || !only.success) {
    const detail = `expected one spec; to apply several services, run "controller apply -f ${file}"`;
    return { kind: "faulty", file, faults: [{ pointer: "", detail, line: 1, column: 1, document: 1 }] };
  }
  const given = only.data;
  if ("artifact" in given) {
    const detail = '"artifact": deploy gives the folder itself: leave it out';
    const place = document.placeOf(["artifact"], "key");
    return { kind: "faulty", file, faults: [{ pointer: "/artifact", detail, ...place, document: 1 }] };
  }
  const found = given.command === undefined ? await commandIn(packed, readText) : undefined;
  const value = {
    ...given,
    name: name ?? given.name ?? labelOf(packed.folder),
    ...(found !== undefined && { command: found.command }),
  };
  // A folder within the artifact is one within it.
  const asSent = { ...value, artifact: { sha256: "0".repeat(64) } };
  const checked = checkSpec({ ...document, value: asSent }, SpecGiven);
  if (checked.kind === "faulty") return { kind: "faulty", file, faults: checked.faults };
  // It has just been checked; as it was written, a controller of another version understands it best.
  return { kind: "found", spec: value as unknown as FolderSpec, how: found === undefined ? file : found.how };
}

async function commandIn(
  { folder, files }: Folder,
  readText: (path: string) => Promise<string>,
): Promise<Command | undefined> {
  const paths = new Set(files.map(({ path }) => path));
  const executables = new Set(files.filter(({ executable }) => executable).map(({ path }) => path));
  if (paths.has("package.json")) {
    const found = commandOfPackage(await readText("package.json"), paths);
    if (found !== undefined) return found;
  }
  const script = (names: readonly string[], words: [string, ...string[]]): Command | undefined => {
    const name = names.find((each) => paths.has(each));
    return name === undefined ? undefined : { command: [...words, name], how: name };
  };
  const program = [...EXECUTABLE_NAMES, basename(folder)].find((each) => executables.has(each));
  const programFound: Command | undefined = program === undefined
    ? undefined
    : { command: [`./${program}`], how: program };
  return script(DENO_NAMES, ["deno", "run", "-A"]) ?? script(NODE_NAMES, ["node"]) ??
    script(PYTHON_NAMES, ["python3"]) ?? programFound;
}

const PackageFile = z.object({ scripts: z.object({ start: z.string() }).optional(), main: z.string().optional() });

/** A start that is more than a program with its arguments needs a shell, which Muster doesn't use. */
function commandOfPackage(text: string, paths: ReadonlySet<string>): Command | undefined {
  const parsed = parseJson(text);
  const { data } = PackageFile.safeParse(parsed.ok ? parsed.value : undefined);
  const start = data?.scripts?.start.trim() ?? "";
  const [program, ...args] = start.split(/\s+/);
  if (program !== undefined && RUNNERS.includes(program) && /^[\w@%+=:,./ -]+$/.test(start)) {
    return { command: [program, ...args], how: '"start" in package.json' };
  }
  const main = data?.main?.replace(/^\.\//, "");
  if (main === undefined || !paths.has(main)) return undefined;
  return { command: ["node", main], how: '"main" in package.json' };
}

/** The folder's name as the name of a service. */
function labelOf(folder: string): string {
  const label = basename(folder).toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replace(/^-+/, "").slice(0, NAME_MAX);
  return label.replace(/-+$/, "") || "app";
}
