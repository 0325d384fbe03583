/**
 * The proof that a process is this agent's own: its session and start time as the launching shell noted them, the boot
 * of the host, and the agent's node id in the environment that it was started with. Nothing is adopted or signalled
 * without it; a pid alone says nothing.
 * @module
 */
import {
  INSTANCE_VARIABLE,
  NODE_ID_VARIABLE,
  type Platform,
  type ProcessFacts,
  type ProcessIdentity,
} from "../platform/platform.ts";

/** What a process's environment says about whose it is. */
export type Claim =
  | { kind: "ours"; instance: string | undefined }
  | { kind: "foreign" }
  /** Some servers write their title over the environment: it says nothing any more. */
  | { kind: "erased" };

export async function claimOf(
  pid: number,
  { platform, nodeId }: { platform: Platform; nodeId: string },
): Promise<Claim> {
  return claimIn(await platform.environmentOf(pid), nodeId);
}

/** What an environment says, which is undefined where nobody may read it. */
export function claimIn(environment: ReadonlyMap<string, string> | undefined, nodeId: string): Claim {
  if (environment === undefined) return { kind: "foreign" };
  if (environment.size === 0) return { kind: "erased" };
  if (environment.get(NODE_ID_VARIABLE) !== nodeId) return { kind: "foreign" };
  return { kind: "ours", instance: environment.get(INSTANCE_VARIABLE) };
}

/** Whether what is found under a pid is the very process that was noted, and not one that has got its pid since. */
export function isSameProcess(noted: ProcessIdentity, facts: ProcessFacts | undefined): facts is ProcessFacts {
  return facts !== undefined && facts.startedAt === noted.startedAt;
}

/** Whether the pid still belongs to that very process and it has not ended. */
export async function isAlive(process: ProcessIdentity, platform: Platform): Promise<boolean> {
  const facts = await platform.factsOf(process.pid);
  return isSameProcess(process, facts) && facts.exit === undefined;
}
