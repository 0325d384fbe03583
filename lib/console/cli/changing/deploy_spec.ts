/**
 * What a folder is deployed as. Its `muster.yaml` says all there is to say; a folder without one, whose service is there
 * already, leaves that as it is but for the folder; and what is new runs by what lies in the folder. Flags beat all.
 * @module
 */
import { UsageError } from "../exit_code.ts";
import type { ServiceView } from "../../../wire/api.ts";
import { ifThere } from "../../../wire/client/if_there.ts";
import type { Client } from "../../../wire/client/client.ts";
import { detectProgram, type FolderSpec } from "../../deploy/detect.ts";
import type { Packed } from "../../deploy/pack.ts";
import { commandWords } from "./command_words.ts";
import { inWords } from "./spec_files.ts";

/** What was said in flags. */
export interface DeployFlags {
  name: string | undefined;
  replicas: number | undefined;
  command: string | undefined;
  env: Readonly<Record<string, string>>;
  /** "tcp", or a path to ask for. */
  health: string | undefined;
}

export interface DeploySpec {
  spec: FolderSpec;
  /** What told how it runs, in words. */
  how: string;
}

/** The spec to be applied, with the folder as its artifact. */
export async function deploySpec(
  client: Pick<Client, "getService">,
  packed: Packed,
  { flags, signal }: { flags: DeployFlags; signal: AbortSignal },
): Promise<DeploySpec> {
  const { replicas, env, health } = flags;
  const command = flags.command === undefined ? undefined : commandWords(flags.command);
  const { spec: base, how } = await baseOf(client, packed, { flags, command, signal });
  const spec = {
    ...base,
    artifact: { sha256: packed.sha256 },
    ...(command !== undefined && { command }),
    ...(replicas !== undefined && { replicas }),
    ...(Object.keys(env).length > 0 && { env: { ...base.env, ...env } }),
    ...(health !== undefined && { health: healthOf(health) }),
  };
  return { spec, how: command === undefined ? how : "--command" };
}

function healthOf(said: string): { tcp: true } | { http: string } {
  if (said === "tcp") return { tcp: true };
  if (said.startsWith("/")) return { http: said };
  throw new UsageError(`Cannot use --health "${said}": expected tcp, or a path such as /healthz`);
}

interface Base {
  flags: DeployFlags;
  command: [string, ...string[]] | undefined;
  signal: AbortSignal;
}

async function baseOf(
  client: Pick<Client, "getService">,
  packed: Packed,
  { flags: { name }, command, signal }: Base,
): Promise<DeploySpec> {
  const detected = await detectProgram(packed, { name });
  if (detected.kind === "faulty") {
    const faults = detected.faults.map((fault) => inWords(detected.file, fault));
    throw new UsageError(["Cannot use the folder's spec:", ...faults].join("\n  "));
  }
  if (detected.kind === "found" && packed.specFile !== undefined) return detected;
  const called = detected.kind === "found" ? detected.spec.name : name;
  const known = called === undefined ? undefined : await serviceCalled(client, called, signal);
  if (known !== undefined) return { spec: asGiven(known), how: `as ${known.name} runs already` };
  if (detected.kind === "found") return detected;
  if (command === undefined) throw new UsageError(`Cannot deploy ${packed.folder}: ${detected.looked}`);
  if (called === undefined) throw new UsageError("Cannot deploy: give the service a name with --name");
  return { spec: { name: called, command }, how: "--command" };
}

/** The scale is left out: it stays as somebody set it. */
function asGiven({ spec: { replicas: _, ...spec } }: ServiceView): FolderSpec {
  return spec;
}

async function serviceCalled(
  client: Pick<Client, "getService">,
  name: string,
  signal: AbortSignal,
): Promise<ServiceView | undefined> {
  const service = await ifThere(client.getService({ name }, { signal }));
  return service === undefined || service.removed ? undefined : service;
}
