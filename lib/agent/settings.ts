/**
 * The agent's flags, and what becomes of them: checked settings with every default filled in from the host. Nothing
 * further in looks at a flag again.
 * @module
 */
import type { Capacity } from "../cluster/node.ts";
import type { Program } from "../runtime/config.ts";
import { isJoinToken, parseJoinToken } from "../wire/join_token.ts";
import { isLoopback } from "../runtime/exposure.ts";
import { number, oneOf, onOff, pairs, port, text, type ValuesOf } from "../runtime/flag.ts";

const CPU_MAX = 4_096;
const MEMORY_MAX_MIB = 16_777_216;
const USUAL_PORT = 9_090;

const FLAGS = {
  host: text({ help: "address to listen on", default: "127.0.0.1", group: "Network" }),
  port: port({ help: "port to listen on, 0 for any free one", default: String(USUAL_PORT), group: "Network" }),
  advertise: text({ help: "URL by which controllers reach this agent", placeholder: "<url>", group: "Network" }),
  controller: text({ help: "controller to register at, again and again", placeholder: "<url>", group: "Cluster" }),
  name: text({ help: "name of this node; the host's name by default", group: "Cluster" }),
  label: pairs({ help: "label of this node, for placement (may be repeated)", group: "Cluster" }),
  cpu: number({ help: "cores that replicas may reserve; all by default", min: 0, max: CPU_MAX, group: "Cluster" }),
  memoryMib: number({
    help: "MiB that replicas may reserve; all by default",
    min: 0,
    max: MEMORY_MAX_MIB,
    group: "Cluster",
  }),
  reserveCpu: number({
    help: "cores that are kept for the host itself",
    min: 0,
    max: CPU_MAX,
    default: "0",
    group: "Cluster",
  }),
  reserveMemoryMib: number({
    help: "MiB that are kept for the host itself",
    min: 0,
    max: MEMORY_MAX_MIB,
    default: "0",
    group: "Cluster",
  }),
  forgetCluster: onOff({ help: "follow the next cluster that gives orders, whichever it is", group: "Cluster" }),
  tokenFile: text({ help: "file with the token that controllers send", placeholder: "<file>", group: "Security" }),
  joinTokenFile: text({ help: "file with the token to register with", placeholder: "<file>", group: "Security" }),
  insecure: onOff({ help: "listen beyond loopback and let everybody in (for a lab)", group: "Security" }),
  data: text({ help: "folder for the agent's state and the replicas' logs", placeholder: "<folder>" }),
  onExit: oneOf(["auto", "drain", "leave"], {
    help: "on SIGTERM: stop the replicas, leave them running, or leave them under systemd only",
    default: "auto",
  }),
  logFormat: oneOf(["auto", "json", "pretty"], { help: "how log lines look", default: "auto" }),
  logLevel: oneOf(["debug", "info", "warn", "error"], {
    help: "the least grave level that is logged",
    default: "info",
  }),
};

export type AgentFlags = ValuesOf<typeof FLAGS>;

/** The agent as the command line sees it. */
export const AGENT_PROGRAM: Program<typeof FLAGS> = {
  name: "agent",
  summary: "runs replicas on this host, as controllers order",
  flags: FLAGS,
  configFile: "yaml",
};

/** What the agent runs by. */
export interface AgentSettings {
  host: string;
  port: number;
  /** The URL that controllers are told, when the address listened on is not it. */
  advertise: URL | undefined;
  controller: string | undefined;
  /** By the operator; `nameOf` gives the usual one. */
  name: string | undefined;
  hostname: string;
  labels: Readonly<Record<string, string>>;
  capacity: Capacity;
  forgetCluster: boolean;
  token: string | undefined;
  /** The credential for registering. */
  joinToken: string | undefined;
  data: string | undefined;
  onExit: AgentFlags["onExit"];
}

/** What the host knows. */
export interface HostFacts {
  hostname: string;
  cores: number;
  memoryMib: number;
  readFile: (path: string) => Promise<string>;
  /** Whether the agent with these flags has joined a cluster before. */
  hasJoined: (flags: AgentFlags) => Promise<boolean>;
}

export type SettingsResult = { kind: "settings"; settings: AgentSettings } | { kind: "usage_error"; message: string };

/** Checks what the flags say together; a message tells what to give instead. */
export async function readSettings(flags: AgentFlags, facts: HostFacts): Promise<SettingsResult> {
  const urls = { advertise: urlOf(flags.advertise), controller: urlOf(flags.controller) };
  for (const [flag, url] of Object.entries(urls)) {
    if (url === "bad") return usageError(`Cannot read --${flag}: expected a URL such as http://10.0.0.5:${USUAL_PORT}`);
  }
  const { advertise, controller } = urls;
  if (advertise === "bad" || controller === "bad") throw new TypeError("unreachable: bad URLs are refused above");
  const token = await tokenIn(flags.tokenFile, { flag: "token-file", readFile: facts.readFile });
  const joinToken = await tokenIn(flags.joinTokenFile, { flag: "join-token-file", readFile: facts.readFile });
  for (const read of [token, joinToken]) if (read.problem !== undefined) return usageError(read.problem);
  const slip = slipInJoining(joinToken.text, flags);
  if (slip !== undefined) return usageError(slip);
  const joins = isJoinToken(joinToken.text ?? "") || await facts.hasJoined(flags);
  if (!isLoopback(flags.host) && token.text === undefined && !joins && !flags.insecure) {
    return usageError(
      `Cannot listen on ${flags.host}: everybody who reaches it could start programs here; ` +
        `give --controller and --join-token-file <file> with what "controller join-token" printed, ` +
        `--token-file <file> for a token that all share, or --insecure for a lab`,
    );
  }
  const settings: AgentSettings = {
    host: flags.host,
    port: flags.port,
    advertise,
    controller: controller?.href,
    name: flags.name,
    hostname: facts.hostname,
    labels: flags.label,
    capacity: capacityOf(flags, facts),
    forgetCluster: flags.forgetCluster,
    token: token.text,
    joinToken: joinToken.text ?? token.text,
    data: flags.data,
    onExit: flags.onExit,
  };
  return { kind: "settings", settings };
}

/** What replicas may reserve: all that there is, or what was said, without what the host keeps for itself. */
function capacityOf({ cpu, memoryMib, reserveCpu, reserveMemoryMib }: AgentFlags, facts: HostFacts): Capacity {
  return {
    cpu: Math.max(0, (cpu ?? facts.cores) - reserveCpu),
    memory: Math.max(0, (memoryMib ?? facts.memoryMib) - reserveMemoryMib),
  };
}

/** How the node is called: several agents on one host are told apart by their ports. */
export function nameOf({ name, hostname }: Pick<AgentSettings, "name" | "hostname">, boundPort: number): string {
  return name ?? (boundPort === USUAL_PORT ? hostname : `${hostname}-${boundPort}`);
}

function slipInJoining(token: string | undefined, { controller, joinTokenFile }: AgentFlags): string | undefined {
  if (token === undefined || !isJoinToken(token)) return undefined;
  if (parseJoinToken(token) === undefined) {
    return `Cannot use --join-token-file ${joinTokenFile}: the token is not whole; copy all of what join-token printed`;
  }
  return controller === undefined ? "Cannot join: give the controller's URL with --controller" : undefined;
}

function usageError(message: string): SettingsResult {
  return { kind: "usage_error", message };
}

function urlOf(given: string | undefined): URL | "bad" | undefined {
  if (given === undefined) return undefined;
  const url = URL.parse(given);
  const fine = url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.hash === "";
  return fine ? url : "bad";
}

async function tokenIn(
  path: string | undefined,
  { flag, readFile }: { flag: string; readFile: HostFacts["readFile"] },
): Promise<{ text: string | undefined; problem?: string }> {
  if (path === undefined) return { text: undefined };
  try {
    const text = (await readFile(path)).trim();
    if (/^\S+$/.test(text)) return { text };
    return { text: undefined, problem: `Cannot use --${flag} ${path}: expected one token without spaces in it` };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { text: undefined, problem: `Cannot read --${flag} ${path}: ${error.message}` };
  }
}
