/**
 * The file of contexts: under a name each, where a controller is and which token to come with, so that neither is typed
 * with every command. It holds tokens in clear and is therefore for its owner's eyes only; one that others may read is
 * not used.
 * @module
 */
import { isAbsolute, join } from "node:path";
import * as z from "zod";
import { NotFoundError, UsageError } from "../exit_code.ts";

const ContextName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
  error: "a name is 1 to 63 of A-Z, a-z, 0-9, '.', '_' and '-', and starts with a letter or digit",
});

/** A controller, and who one is there. */
export const ContextEntry = z.strictObject({
  server: z.string(),
  token: z.string().optional(),
  /** The certificate, in PEM, of the authority that vouches for the controller. */
  ca: z.string().optional(),
});
export type ContextEntry = z.infer<typeof ContextEntry>;

const Contexts = z.strictObject({
  /** The one that counts when none is named. */
  current: z.string().nullish(),
  contexts: z.record(ContextName, ContextEntry).prefault({}),
});
export type Contexts = z.infer<typeof Contexts>;

/** What the file needs of the world. */
export interface ContextIo {
  env: { get(name: string): string | undefined };
  readFile(path: string): Promise<string>;
  /** The file's permissions, null where files have none. */
  modeOf(path: string): Promise<number | null>;
  /** Replaces a file as one step, readable for its owner only; makes its folder. */
  writeFile(path: string, text: string): Promise<void>;
}

const FOR_OTHERS = 0o077;

/** All contexts; none when there is no file. */
export async function readContexts(io: ContextIo): Promise<Contexts> {
  const path = pathIn(io.env);
  const text = path === undefined ? undefined : await readPrivate(path, io);
  if (text === undefined) return { contexts: {} };
  // Most commands of most people find no file: the parser is loaded for those who have one.
  const { parse, YAMLError } = await import("yaml");
  try {
    return Contexts.parse(parse(text) ?? {});
  } catch (error) {
    if (!(error instanceof z.ZodError || error instanceof YAMLError)) throw error;
    const detail = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
    throw new UsageError(`Cannot use ${path}: ${detail}`, { cause: error });
  }
}

export async function writeContexts(contexts: Contexts, io: ContextIo): Promise<void> {
  const path = pathIn(io.env);
  if (path === undefined) {
    throw new UsageError("Cannot keep contexts: HOME is not set; set it, or XDG_CONFIG_HOME to an absolute path");
  }
  const { stringify } = await import("yaml");
  await io.writeFile(path, stringify(contexts));
}

/** The context of that name. */
export function contextCalled(name: string, { contexts }: Contexts): ContextEntry {
  // A name such as "constructor" must not find what every object has.
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(contexts).sort().join(", ") || "none";
  throw new NotFoundError(`There is no context "${name}"; known: ${known}. "controller context add" makes one`);
}

/** The name, if it may be one. */
export function checkedName(name: string): string {
  const checked = ContextName.safeParse(name);
  if (checked.success) return checked.data;
  throw new UsageError(`Cannot use "${name}" for a context: ${checked.error.issues[0]?.message}`);
}

async function readPrivate(path: string, io: ContextIo): Promise<string | undefined> {
  let mode: number | null;
  try {
    mode = await io.modeOf(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  if (((mode ?? 0) & FOR_OTHERS) !== 0) {
    throw new UsageError(`Cannot use ${path}: it holds tokens, and others may read it; run: chmod 600 ${path}`);
  }
  return await io.readFile(path);
}

function pathIn(env: ContextIo["env"]): string | undefined {
  const named = env.get("XDG_CONFIG_HOME") || env.get("APPDATA");
  const home = env.get("HOME") || env.get("USERPROFILE");
  // The XDG rules say that a relative path there is to be ignored.
  const folder = named && isAbsolute(named) ? named : home ? join(home, ".config") : undefined;
  return folder && join(folder, "muster", "config.yaml");
}
