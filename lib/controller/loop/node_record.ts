/**
 * A node's record and what its agent says of itself, brought together.
 * @module
 */
import type { NodeRecord } from "../../cluster/node.ts";
import type { AgentHealth } from "../../wire/protocol.ts";

/** What an agent says of itself that its node's record keeps. */
type SelfDescription = Pick<AgentHealth, "identity" | "name" | "labels" | "capacity" | "system"> & {
  features?: string[];
};

/** A record for an agent that was not known. */
export function newNode(id: string, url: string, agent: SelfDescription | undefined): NodeRecord {
  return {
    type: "node",
    id,
    identity: agent?.identity ?? null,
    name: agent?.name ?? new URL(url).host,
    url,
    labels: agent?.labels ?? {},
    given_labels: {},
    capacity: agent?.capacity ?? { cpu: 0, memory: 0 },
    system: agent?.system ?? null,
    ...(agent?.features === undefined ? {} : { features: agent.features }),
    draining: false,
    drain: null,
    lost: false,
    losses: 0,
  };
}

/** The record with what the agent says now, or undefined when it says nothing new. */
export function nodeAsHeard(record: NodeRecord, agent: SelfDescription): NodeRecord | undefined {
  const { identity, name, labels, capacity, system = record.system, features = record.features } = agent;
  const said = { identity, name, labels: sorted({ ...labels, ...record.given_labels }), capacity, system };
  const heard: NodeRecord = { ...record, ...said, ...(features && { features }) };
  return JSON.stringify(heard) === JSON.stringify({ ...record, labels: sorted(record.labels) }) ? undefined : heard;
}

function sorted(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
