/**
 * The way from one authority to the next while everything goes on: announced (both are trusted, the older one signs),
 * switched (both are trusted, the newer one signs), done. A step is taken when all nodes have said that they go by what
 * the former step gave them, or when whatever they held before it is over. What they say is not kept: they say it again.
 * @module
 */
import type { NodeRecord } from "../../cluster/node.ts";
import { type Clock, pause } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import type { ReportedPapers } from "../../wire/protocol.ts";
import { type Authority, NODE_VALID_MS } from "./authority.ts";
import type { Members } from "./members.ts";

const CHECK_MS = 60_000;

const log = getLog("authority");

export interface RotationOptions {
  authority: Pick<Authority, "trusted" | "digest" | "rotation" | "rotate" | "advance">;
  members: Pick<Members, "nodes">;
  clock: Clock;
}

/** Takes what the authority is now into use; done again when it fails. */
export type Follower = () => Promise<void> | void;

export class Rotation {
  readonly #options: RotationOptions;
  readonly #reported = new Map<string, ReportedPapers>();
  readonly #followers: Follower[] = [];
  /** What the followers go by. */
  #followed: Authority["trusted"];
  /** Since when this controller has been there in this phase: while it was away, no node could renew. */
  #sinceMs: number;
  #checking: Promise<void> | undefined;
  #checkDue = false;

  constructor(options: RotationOptions) {
    this.#options = options;
    this.#followed = options.authority.trusted;
    this.#sinceMs = options.clock.now();
  }

  /** No step is taken before this controller itself goes by the one before. */
  follow(follower: Follower): void {
    this.#followers.push(follower);
  }

  /** Begins to replace the authority; false while an earlier replacement is under way. */
  async begin(): Promise<boolean> {
    const { authority, clock } = this.#options;
    if (!await authority.rotate()) return false;
    this.#sinceMs = clock.now();
    log.info("A new authority is trusted, and will sign once all nodes trust it", { nodes: this.behind().length });
    await this.check();
    return true;
  }

  /** Takes in what a node goes by; returns whether it is to renew it. One of an older version doesn't say. */
  heard(identity: string, papers: ReportedPapers | undefined): boolean {
    if (papers === undefined) return false;
    this.#reported.set(identity, papers);
    if (this.#isUnderWay()) this.check();
    return !this.#isCurrent(papers);
  }

  /** The nodes that are not known to go by what the authority is now. */
  behind(): NodeRecord[] {
    return this.#options.members.nodes().filter((node) => this.#isBehind(node));
  }

  /** Takes the steps that are due. Never rejects. */
  check(): Promise<void> {
    this.#checkDue = true;
    this.#checking ??= this.#checkWhileDue().finally(() => this.#checking = undefined);
    return this.#checking;
  }

  /** Checks again and again: time goes by, nodes are removed, and what failed is tried once more. */
  async keepChecking({ signal }: { signal: AbortSignal }): Promise<void> {
    const { members, clock } = this.#options;
    while (!signal.aborted) {
      await pause(clock, CHECK_MS, signal);
      if (signal.aborted) return;
      const known = new Set(members.nodes().map(({ identity }) => identity));
      for (const identity of this.#reported.keys()) if (!known.has(identity)) this.#reported.delete(identity);
      await this.check();
    }
  }

  async #checkWhileDue(): Promise<void> {
    while (this.#checkDue) {
      this.#checkDue = false;
      try {
        await this.#takeSteps();
      } catch (error) {
        log.error("Cannot go on with replacing the authority: tried again within a minute", { error });
      }
    }
  }

  async #takeSteps(): Promise<void> {
    const { authority, clock } = this.#options;
    for (;;) {
      const { trusted } = authority;
      if (this.#followed !== trusted) {
        for (const follower of this.#followers) await follower();
        this.#followed = trusted;
      }
      const { phase } = authority.rotation;
      if (phase === "none" || phase === "done") return;
      const behind = this.behind();
      if (behind.length > 0 && clock.now() - this.#sinceMs < NODE_VALID_MS) return;
      await authority.advance(phase);
      this.#sinceMs = clock.now();
      log.info(
        phase === "announced" ? "The new authority signs from now on" : "The former authority is trusted no more",
        { authority: authority.digest, nodesLeftBehind: behind.map(({ name }) => name) },
      );
    }
  }

  #isUnderWay(): boolean {
    const { phase } = this.#options.authority.rotation;
    return phase === "announced" || phase === "switched";
  }

  #isBehind({ identity }: NodeRecord): boolean {
    const papers = identity === null ? undefined : this.#reported.get(identity);
    return papers === undefined || !this.#isCurrent(papers);
  }

  #isCurrent({ trusted, signed_by }: ReportedPapers): boolean {
    const { authority } = this.#options;
    const same = trusted.length === authority.trusted.length &&
      authority.trusted.every(({ id }) => trusted.includes(id));
    return same && signed_by === authority.digest;
  }
}
