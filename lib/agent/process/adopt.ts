/**
 * What a restarted agent finds of its former self: the processes that run on, and the instances that have ended since.
 * A process is taken over when everything in `ownership.ts` speaks for it; nothing else is touched.
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import type { AdoptedInstance, EndedInstance } from "../session/effect.ts";
import { lastWordsOf } from "../logs/last_words.ts";
import { claimOf, isSameProcess } from "./ownership.ts";
import type { Platform, ProcessExit, ProcessIdentity } from "../platform/platform.ts";
import type { RunningProcess } from "./process.ts";
import { type FoundRun, readRuns, removeRun } from "./run_files.ts";
import type { Sweeper } from "./sweep.ts";

const log = getLog("adopt");

/** What was found. */
export interface Adoption {
  adopted: AdoptedInstance[];
  /** Instances that ran when the former agent ended and are no more. */
  ended: EndedInstance[];
  /** The adopted instances' processes. */
  processes: RunningProcess[];
}

/** What adopting needs of the host. */
export interface AdoptionHost {
  platform: Platform;
  nodeId: string;
  runFolder: string;
  logFolder: string;
  sweeper: Sweeper;
  clock: Clock;
  /** Aborted when the agent itself ends, and nobody waits for their ends any more. */
  closing: AbortSignal;
}

/** Takes over what is this agent's own and cleans up after what is not there any more. */
export async function adopt(host: AdoptionHost): Promise<Adoption> {
  const adoption: Adoption = { adopted: [], ended: [], processes: [] };
  const boot = await host.platform.bootId();
  const gone: FoundRun[] = [];
  for (const run of await readRuns(host.runFolder)) {
    const ranHere = run.note !== undefined && run.note.boot === boot;
    const identity = ranHere ? await provedOwn(run, host) : undefined;
    if (identity !== undefined) {
      const { instance } = run.record;
      adoption.adopted.push({ ...run.record, pid: identity.pid, ageMs: host.platform.ageMs?.(identity) });
      adoption.processes.push({ ...identity, instance, ended: watchEnd(identity, host) });
      continue;
    }
    // Before a reboot it ended with its host, which is no crash; without a note it never became a process.
    if (ranHere) {
      adoption.ended.push({ ...run.record, lastWords: await lastWordsOf(host.logFolder, run.record.replica) });
    }
    gone.push(run);
  }
  await cleanUp(gone, { host, boot });
  return adoption;
}

/** Ends what instances that are no more left behind; of another boot nothing can be left. One look serves them all. */
async function cleanUp(gone: readonly FoundRun[], { host, boot }: { host: AdoptionHost; boot: string }): Promise<void> {
  const sinceBoot = gone.filter(({ note }) => note === undefined || note.boot === boot);
  await Promise.all(sinceBoot.map(({ record: { instance } }) => host.sweeper.sweep({ instance, pid: undefined })));
  for (const { record } of gone) removeRun(host.runFolder, record.instance);
}

/** The run's process, when it is proved to be this agent's. One that waits to be reaped tells how it ended. */
async function provedOwn({ note }: FoundRun, host: AdoptionHost): Promise<ProcessIdentity | undefined> {
  const { platform, nodeId } = host;
  const noted = note && platform.launcher?.readRecord(note.self);
  const facts = noted && await platform.factsOf(noted.pid);
  if (noted === undefined || !isSameProcess(noted, facts) || facts.session !== facts.pid) return undefined;
  const identity = { pid: facts.pid, startedAt: facts.startedAt };
  if (facts.exit !== undefined) return identity;
  const claim = await claimOf(facts.pid, { platform, nodeId });
  if (claim.kind !== "foreign") return identity;
  log.warn("Left alone a process that does not carry this agent's node id", { pid: facts.pid });
  return undefined;
}

/** Waits for the end of a process that is no child of this agent's. Rejects when the agent itself ends first. */
async function watchEnd(identity: ProcessIdentity, { platform, clock, closing }: AdoptionHost): Promise<ProcessExit> {
  while (true) {
    const facts = await platform.factsOf(identity.pid);
    if (!isSameProcess(identity, facts)) return { code: null, signal: null };
    if (facts.exit !== undefined) return facts.exit;
    await clock.sleep(platform.pollMs, { signal: closing });
  }
}
