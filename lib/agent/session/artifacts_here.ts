/**
 * Which of the folders that replicas run are on this host, as far as the session was told: a replica whose artifact isn't
 * waits for it, and says so. How one comes here is `agent/artifacts`' to know.
 * @module
 */
import type { Observation } from "../../cluster/replica.ts";
import type { SessionInput } from "./effect.ts";
import { type Held, observationOf } from "./held.ts";

const WAITS = "waits for its artifact";

export class ArtifactsHere {
  /** Undefined: whatever is asked for is here. */
  readonly #here: Set<string> | undefined;
  /** Why one does not come, in words. */
  readonly #troubles = new Map<string, string>();

  constructor(here: readonly string[] | undefined) {
    this.#here = here && new Set(here);
  }

  /** Takes in what has become of one; gives whom that concerns. */
  heard({ sha256, here, reason }: Extract<SessionInput, { kind: "artifact" }>, all: Iterable<Held>): Held[] {
    if (here) this.#here?.add(sha256);
    else this.#here?.delete(sha256);
    const held = [...all];
    if (here || reason === "") this.#troubles.delete(sha256);
    else this.#troubles.set(sha256, reason);
    const named = new Set(artifactsOf(held));
    for (const troubled of [...this.#troubles.keys()]) {
      if (!named.has(troubled)) this.#troubles.delete(troubled);
    }
    return held.filter(({ stage, order }) => stage.kind === "waiting" && order.spec.artifact?.sha256 === sha256);
  }

  /** Whether nothing is missing of what the replica runs. */
  suffice({ order }: Held): boolean {
    const { artifact } = order.spec;
    return artifact === undefined || this.#here === undefined || this.#here.has(artifact.sha256);
  }

  /** What is told of a replica, with the reason why it waits, if it does for this. */
  observationOf(held: Held, nowMs: number): Observation {
    const observation = observationOf(held, nowMs);
    if (held.stage.kind !== "waiting" || this.suffice(held)) return observation;
    const trouble = this.#troubles.get(held.order.spec.artifact?.sha256 ?? "");
    return { ...observation, reason: trouble === undefined ? WAITS : `${WAITS}: ${trouble}` };
  }

  /** The artifacts of replicas, and those of them that are yet to come, each once. */
  asked(all: readonly Held[]): { named: string[]; lacking: string[] } {
    const waiting = all.filter((held) =>
      held.ordered && !held.order.assignment.draining && held.stage.kind !== "ended" && !this.suffice(held)
    );
    return { named: artifactsOf(all), lacking: artifactsOf(waiting) };
  }
}

function artifactsOf(all: readonly Held[]): string[] {
  const named = all.flatMap(({ order: { spec: { artifact } } }) => (artifact === undefined ? [] : [artifact.sha256]));
  return [...new Set(named)];
}
