/**
 * Where the controller is and who asks, out of what was said: flags and the environment first, then a context, then this
 * host. A context's token goes to the context's own controller and to no other.
 * @module
 */
import { contextCalled, type ContextEntry, type ContextIo, readContexts } from "./context_file.ts";
import { UsageError } from "../exit_code.ts";
import { localController } from "./local_controller.ts";

export const SERVER_USUAL = "http://127.0.0.1:8000";

const TOKEN_CHARACTERS_MAX = 4_096;

/** What was said in flags and the environment. */
export interface Said {
  server: string | undefined;
  context: string | undefined;
  tokenFile: string | undefined;
  caFile: string | undefined;
}

export interface ConnectionIo extends ContextIo {
  /** All of standard input. */
  readInput(): Promise<string>;
}

/** A context that is complete but for its name. */
export async function connectionOf(said: Said, io: ConnectionIo): Promise<ContextEntry> {
  const context = await contextFor(said, io) ?? await onThisHost(said, io);
  const server = serverOf(said.server ?? context?.server ?? SERVER_USUAL);
  const own = context !== undefined && serverOf(context.server) === server ? context : undefined;
  const token = said.tokenFile === undefined ? own?.token : await readToken(said.tokenFile, io);
  const ca = said.caFile === undefined ? own?.ca : await readText(said.caFile, io);
  return { server, ...(token !== undefined && { token }), ...(ca !== undefined && { ca }) };
}

/** Nobody has said anything: what this host knows counts, if it has a controller. */
async function onThisHost({ server }: Said, io: ConnectionIo): Promise<ContextEntry | undefined> {
  return server === undefined ? await localController(io) : undefined;
}

/** The beginning of the controller's addresses. */
export function serverOf(given: string): string {
  const url = URL.parse(given);
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" &&
    url.search === "" && url.hash === "";
  if (!isPlain) {
    throw new UsageError(`Cannot use --server "${given}": expected an address such as ${SERVER_USUAL}`);
  }
  return url.href.replace(/\/$/, "");
}

/** The token in a file; `-` is standard input. */
export async function readToken(path: string, io: ConnectionIo): Promise<string> {
  const token = (await readText(path, io)).trim();
  if (!/^[\x21-\x7e]+$/.test(token) || token.length > TOKEN_CHARACTERS_MAX) {
    throw new UsageError(`Cannot use the token file ${path}: expected one token in it`);
  }
  return token;
}

export async function readText(path: string, io: ConnectionIo): Promise<string> {
  if (path === "-") return await io.readInput();
  try {
    return await io.readFile(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Cannot read the file ${path}: ${error.message}`, { cause: error });
  }
}

/** A server that is said stands for itself, unless a context is said as well. */
async function contextFor({ server, context }: Said, io: ConnectionIo): Promise<ContextEntry | undefined> {
  if (context !== undefined) return contextCalled(context, await readContexts(io));
  if (server !== undefined) return undefined;
  const contexts = await readContexts(io);
  return contexts.current ? contextCalled(contexts.current, contexts) : undefined;
}
