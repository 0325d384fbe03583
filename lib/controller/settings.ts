/**
 * The controller's flags, and what becomes of them: checked settings with every default filled in. Nothing further in
 * looks at a flag again.
 * @module
 */
import type { PlacingRule } from "../cluster/balance.ts";
import type { Program } from "../runtime/config.ts";
import { isLoopback } from "../runtime/exposure.ts";
import { duration, durationOrOff, list, number, oneOf, onOff, port, text, type ValuesOf } from "../runtime/flag.ts";
import { readAgentUrl } from "./agents/agent_url.ts";
import type { IngressSettings } from "./ingress.ts";
import { INGRESS_FLAGS, ingressSettings } from "./ingress_flags.ts";
import { readSourceName, type SourceName } from "./source/source_name.ts";

const HEALTH_INTERVAL_MIN_MS = 100;
const HEALTH_INTERVAL_MAX_MS = 60_000;
const LOST_AFTER_MAX_MS = 3_600_000;

const REBALANCE_MIN_MS = 1_000;
const REBALANCE_MAX_MS = 86_400_000;
const OVERCOMMIT = { min: 0.1, max: 10, group: "Placement" };

const FLAGS = {
  host: text({ help: "Address to listen on", placeholder: "<address>", default: "127.0.0.1", group: "Network" }),
  port: port({ help: "Port to listen on, 0 for any free one", default: "8000", group: "Network" }),
  advertise: text({ help: "URL by which others reach this controller", placeholder: "<url>", group: "Network" }),
  allowedHost: list({ help: "Further host name under which it is reached", placeholder: "<host>", group: "Network" }),
  agent: list({ help: "Agent to add at the start", placeholder: "<url>", group: "Cluster" }),
  file: list({
    help: "File, folder or s3://bucket/key with specs to keep applied",
    placeholder: "<path>",
    group: "Cluster",
  }),
  healthIntervalMs: duration({ help: "Ask each agent for its health so often", default: "1s", group: "Cluster" }),
  lostAfterMs: duration({ help: "Give up a node after so long without answers", default: "3s", group: "Cluster" }),
  rebalanceAfterMs: durationOrOff({
    help: "Move to new and returned nodes what was elsewhere for so long",
    default: "5m",
    group: "Placement",
  }),
  overcommitCpu: number({ help: "Reserve so many times a node's cores", default: "1", ...OVERCOMMIT }),
  overcommitMemory: number({ help: "Reserve so many times a node's memory", default: "1", ...OVERCOMMIT }),
  ...INGRESS_FLAGS,
  store: oneOf(["sqlite", "memory"], { help: "Where state is kept", default: "sqlite", group: "State" }),
  data: text({ help: "Folder for the controller's state", placeholder: "<folder>", group: "State" }),
  tokenFile: text({ help: "File with the token that requests must carry", placeholder: "<file>", group: "Security" }),
  secure: onOff({ help: "Speak TLS, and give each node an identity of its own", group: "Security" }),
  insecure: onOff({ help: "Listen beyond loopback and let everybody in, for a lab", group: "Security" }),
  logFormat: oneOf(["auto", "json", "pretty"], { help: "How log lines look", default: "auto", group: "Log" }),
  logLevel: oneOf(["debug", "info", "warn", "error"], {
    help: "The least grave lines to log",
    default: "info",
    group: "Log",
  }),
};

/** The controller as the command line sees it. */
export const CONTROLLER_PROGRAM: Program<typeof FLAGS> = {
  name: "controller",
  summary: "keeps what should run, decides where, and is the way in",
  usage: "[serve] [flags], or controller <command>; see controller help",
  flags: FLAGS,
  configFile: "yaml",
};

export type ControllerFlags = ValuesOf<typeof FLAGS>;

/** What the controller runs by. */
export interface ControllerSettings {
  host: string;
  port: number;
  /** The URL that others are told, when the address listened on is not it. */
  advertise: string | undefined;
  allowedHosts: readonly string[];
  agents: readonly string[];
  /** Where specs are that are kept applied. */
  files: readonly SourceName[];
  healthIntervalMs: number;
  lostAfterMs: number;
  placing: PlacingRule;
  /** The ingress's own ports, where there are any. */
  ingress: IngressSettings | undefined;
  store: ControllerFlags["store"];
  data: string | undefined;
  token: string | undefined;
  /** TLS, an authority, identities of nodes, and credentials for all. */
  secure: boolean;
}

export type SettingsResult = { kind: "settings"; settings: ControllerSettings } | UsageError;
interface UsageError {
  kind: "usage_error";
  message: string;
}

/** Checks what the flags say together; a message tells what to give instead. */
export async function readSettings(
  flags: ControllerFlags,
  { readFile }: { readFile: (path: string) => Promise<string> },
): Promise<SettingsResult> {
  const slip = slipInTimes(flags) ?? slipInUrls(flags);
  if (slip !== undefined) return usageError(slip);
  const files = sourcesIn(flags.file);
  if (files.kind === "usage_error") return files;
  const token = await tokenIn(flags.tokenFile, readFile);
  if (token.kind === "usage_error") return token;
  if (flags.secure && flags.insecure) return usageError("Cannot be both: give --secure or --insecure");
  if (!isLoopback(flags.host) && token.text === undefined && !flags.insecure && !flags.secure) {
    return usageError(unprotected(flags));
  }
  const placing = placingOf(flags);
  const ingress = ingressSettings(flags);
  const { host, port, healthIntervalMs, lostAfterMs, store, data, allowedHost, agent, secure } = flags;
  const advertise = flags.advertise === undefined ? undefined : new URL(flags.advertise).origin;
  const rest = { store, data, allowedHosts: allowedHost, agents: agent, files: files.names, token: token.text, secure };
  return {
    kind: "settings",
    settings: { host, port, advertise, healthIntervalMs, lostAfterMs, placing, ingress, ...rest },
  };
}

function unprotected({ host, port }: ControllerFlags): string {
  return `Cannot listen on ${host}: everybody who reaches it could start programs on all nodes.
Give --secure, and each host gets an identity of its own:
  controller --host ${host} --secure
  controller join-token --server https://${host}:${port}     prints the line to run on each agent's host
Else, for a token that all share, give --token-file <file>, or --insecure for a lab`;
}

function placingOf({ rebalanceAfterMs, overcommitCpu, overcommitMemory }: ControllerFlags): PlacingRule {
  return {
    overcommit: { cpu: overcommitCpu, memory: overcommitMemory },
    rebalanceAfterMs: rebalanceAfterMs === "off" ? undefined : rebalanceAfterMs,
  };
}

function slipInTimes({ healthIntervalMs, lostAfterMs, rebalanceAfterMs }: ControllerFlags): string | undefined {
  if (healthIntervalMs < HEALTH_INTERVAL_MIN_MS || healthIntervalMs > HEALTH_INTERVAL_MAX_MS) {
    return `Cannot use --health-interval: expected ${HEALTH_INTERVAL_MIN_MS}ms to ${HEALTH_INTERVAL_MAX_MS / 1_000}s`;
  }
  if (lostAfterMs < healthIntervalMs || lostAfterMs > LOST_AFTER_MAX_MS) {
    return "Cannot use --lost-after: expected at least --health-interval and at most 1h";
  }
  if (rebalanceAfterMs !== "off" && (rebalanceAfterMs < REBALANCE_MIN_MS || rebalanceAfterMs > REBALANCE_MAX_MS)) {
    return "Cannot use --rebalance-after: expected 1s to 1d, or off";
  }
  return undefined;
}

function slipInUrls({ advertise, agent }: ControllerFlags): string | undefined {
  const url = advertise === undefined ? undefined : URL.parse(advertise);
  if (url === null || (url !== undefined && !/^https?:$/.test(url.protocol))) {
    return "Cannot read --advertise: expected a URL such as http://10.0.0.5:8000";
  }
  for (const given of agent) {
    const read = readAgentUrl(given);
    if (read.kind === "refused") return `Cannot use --agent: ${read.detail}`;
  }
  return undefined;
}

function sourcesIn(given: readonly string[]): { kind: "sources"; names: SourceName[] } | UsageError {
  const names: SourceName[] = [];
  for (const text of given) {
    const name = readSourceName(text);
    if (name.kind === "refused") return usageError(`Cannot use --file ${text}: ${name.detail}`);
    names.push(name);
  }
  return { kind: "sources", names };
}

async function tokenIn(
  path: string | undefined,
  readFile: (path: string) => Promise<string>,
): Promise<{ kind: "token"; text: string | undefined } | UsageError> {
  if (path === undefined) return { kind: "token", text: undefined };
  try {
    const text = (await readFile(path)).trim();
    if (/^[\x21-\x7e]{8,}$/.test(text)) return { kind: "token", text };
    return usageError(`Cannot use --token-file ${path}: expected one token of at least 8 characters, without spaces`);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return usageError(`Cannot read --token-file ${path}: ${error.message}`);
  }
}

function usageError(message: string): UsageError {
  return { kind: "usage_error", message };
}
