/**
 * The names that a command may be given, as the controller knows them now. For completion: without an answer in time, or
 * without leave to ask, there are none, and nobody is told why.
 * @module
 */
import type { Client, Options } from "../../../wire/client/client.ts";
import { ApiRefusal, Unreachable } from "../../../wire/client/problem_error.ts";
import type { Io, WordKind } from "../command.ts";
import type { Said } from "../connection/connection.ts";
import { readContexts } from "../connection/context_file.ts";
import { NotFoundError, UsageError } from "../exit_code.ts";
import { openClient } from "../connection/open_client.ts";

export interface Candidate {
  value: string;
  help?: string;
}

/** Kinds of which there are names that change. */
export type LiveKind = Exclude<WordKind, "file" | "folder" | "shell" | "command" | "text">;

const ONE_PAGE = { limit: 1_000 };

/** All names of that kind; none where they can't be had. The flags are those of any command. */
export async function liveNames(
  kind: LiveKind,
  flags: Readonly<Record<string, unknown>>,
  { io, signal }: { io: Io; signal: AbortSignal },
): Promise<Candidate[]> {
  try {
    if (kind === "context") return Object.keys((await readContexts(io)).contexts).map((value) => ({ value }));
    const said = saidIn(flags);
    // Standard input is the shell's.
    if (said.tokenFile === "-" || said.caFile === "-") return [];
    using opened = await openClient(said, io);
    return await named(kind, opened.client, { signal });
  } catch (error) {
    if (isExpected(error)) return [];
    throw error;
  }
}

/** Every way in which there is no answer: not there, not allowed, not in time, or not said right yet. */
function isExpected(error: unknown): boolean {
  const isLate = error instanceof DOMException && (error.name === "AbortError" || error.name === "TimeoutError");
  return isLate || error instanceof ApiRefusal || error instanceof Unreachable || error instanceof UsageError ||
    error instanceof NotFoundError || error instanceof Deno.errors.PermissionDenied;
}

function saidIn(flags: Readonly<Record<string, unknown>>): Said {
  const textOf = (key: string) => typeof flags[key] === "string" ? flags[key] : undefined;
  const [server, context] = [textOf("server"), textOf("context")];
  return { server, context, tokenFile: textOf("tokenFile"), caFile: textOf("caFile") };
}

async function named(kind: Exclude<LiveKind, "context">, client: Client, options: Options): Promise<Candidate[]> {
  switch (kind) {
    case "service":
      return await services(client, options);
    case "scale":
      return (await services(client, options)).map(({ value, ...rest }) => ({ ...rest, value: `${value}=` }));
    case "replica":
      return await replicas(client, options);
    case "node":
      return await nodes(client, options);
    case "token": {
      const { items } = await client.listTokens({ query: ONE_PAGE }, options);
      return items.map(({ name, role }) => ({ value: name, help: role }));
    }
    case "service or replica":
      return (await Promise.all([services(client, options), replicas(client, options)])).flat();
    case "anything":
      return (await Promise.all([services(client, options), replicas(client, options), nodes(client, options)])).flat();
    default:
      return kind satisfies never;
  }
}

async function services(client: Client, options: Options): Promise<Candidate[]> {
  const { items } = await client.listServices({ query: ONE_PAGE }, options);
  return items.map(({ name, ready, desired }) => ({ value: name, help: `${ready} of ${desired} ready` }));
}

async function replicas(client: Client, options: Options): Promise<Candidate[]> {
  const { items } = await client.listReplicas({ query: ONE_PAGE }, options);
  return items.map(({ name, node_name }) => ({ value: name, help: `on ${node_name}` }));
}

async function nodes(client: Client, options: Options): Promise<Candidate[]> {
  const { items } = await client.listNodes({ query: ONE_PAGE }, options);
  return items.map(({ name, status }) => ({ value: name, help: status }));
}
