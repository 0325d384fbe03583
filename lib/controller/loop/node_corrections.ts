/**
 * What agents say of themselves and their nodes' records don't, until it is written with one of the loop's commits; and
 * whose agent it is that speaks, where one is known under several addresses.
 * @module
 */
import type { NodeRecord } from "../../cluster/node.ts";
import { type Change, keyOf, keyOfChange, put, remove } from "../../cluster/record.ts";
import type { ClusterState } from "../../cluster/state.ts";
import type { AgentHealth } from "../../wire/protocol.ts";
import { nodeAsHeard } from "./node_record.ts";

type Nodes = Pick<ClusterState, "nodes" | "nodesByName">;

export class NodeCorrections {
  readonly #state: Nodes;
  readonly #heard = new Map<string, AgentHealth>();

  constructor(state: Nodes) {
    this.#state = state;
  }

  /** Keeps what an agent said of itself, if that is news. Returns whether it is. */
  hear(record: NodeRecord, health: AgentHealth): boolean {
    const isNews = correctionOf(this.#state, record, health) !== undefined;
    if (isNews) this.#heard.set(record.id, health);
    return isNews;
  }

  /** The changes that bring records in line, beside those planned; what waits for its turn is said again soon. */
  take(planned: readonly Change[]): Change[] {
    const taken = new Set(planned.map(keyOfChange));
    const corrections: Change[] = [];
    for (const [id, health] of this.#heard) {
      const record = this.#state.nodes.get(id)?.record;
      if (record === undefined || taken.has(keyOf(record)) || taken.has(health.identity)) continue;
      const correction = correctionOf(this.#state, record, health);
      if (correction !== undefined) corrections.push(correction);
      taken.add(health.identity);
    }
    this.#heard.clear();
    return corrections;
  }
}

function correctionOf(state: Nodes, record: NodeRecord, health: AgentHealth): Change | undefined {
  // The same agent was added before under another address.
  if (record.identity === null && isKnownAgent(state, health.identity)) return remove(record);
  if (isAnothers(state, record, health.identity)) return undefined;
  const corrected = nodeAsHeard(record, health);
  return corrected && put(corrected);
}

/** Whether who answers for a node is another node's agent. */
export function isAnothers(state: Nodes, { identity }: NodeRecord, heard: string): boolean {
  return identity !== null && identity !== heard && isKnownAgent(state, heard);
}

/** Whether an agent is a node's. */
export function isKnownAgent({ nodesByName }: Nodes, identity: string | undefined): boolean {
  return identity !== undefined && nodesByName.some(({ record }) => record.identity === identity);
}
