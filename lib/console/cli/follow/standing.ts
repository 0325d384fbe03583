/**
 * How something stands that is followed: a line, an end if it has come to one, and what several such judgements share.
 * Pure; `follow.ts` judges goals by it.
 * @module
 */
import type { ReplicaView, ServiceView } from "../../../wire/api.ts";
import { replicasSeen, type Sight } from "./sight.ts";

export type Ending =
  | { kind: "reached"; text: string }
  /** It goes no further before somebody decides, which is up to people; `next` says how. */
  | { kind: "held"; text: string; next: string }
  /** `replica`: the id of the one it failed by, whose last lines are of interest where none are known. */
  | { kind: "failed"; text: string; next?: string; lastWords: readonly string[]; replica?: string };

export interface Standing {
  line: string;
  ending?: Ending;
  /** Nothing is on its way, and yet it isn't all there. */
  stuck?: true;
}

/** What a service waits for: what the controller says, else the reason of a replica that isn't ready. */
export function waitingWords({ name, waiting }: ServiceView, sight: Sight): string {
  const [first, ...others] = waiting;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  if (first !== undefined) return `  waiting: ${first.replace(" waits: ", ": ")}${more}`;
  const unready = replicasSeen(sight, name).find(({ ready, crashes }) => !ready && crashes > 0);
  return unready === undefined ? "" : `  waiting: ${unready.name}: ${unready.reason}`;
}

/** Whether all that is assigned runs well while something is missing: only room, or somebody, can help then. */
export function isStuck({ ready, assigned, waiting }: ServiceView, { heldUp }: Sight): boolean {
  return heldUp === null && waiting.length > 0 && ready === assigned;
}

/** So many crashes of one replica are no accident. */
const CRASHES_MAX = 3;

/** The end of waiting for a replica that can't live; Muster itself goes on trying. */
export function crashLoop({ name: service, generation }: ServiceView, sight: Sight): Ending | undefined {
  const replica = replicasSeen(sight, service).find((one) =>
    one.generation === generation && !one.ready && one.crashes >= CRASHES_MAX
  );
  if (replica === undefined) return undefined;
  const { id, name, crashes, reason } = replica;
  return {
    kind: "failed",
    text: `${name} crashed ${crashes} times: ${reason}`,
    next: `It is tried again and again; "controller logs ${service}" shows what it says.`,
    lastWords: [],
    replica: id,
  };
}

export function isLeaving({ phase }: ReplicaView): boolean {
  return phase === "draining" || phase === "stopping";
}
