/**
 * The agent's `/metrics`, in Prometheus' text format.
 * @module
 */
import type { Observation } from "../cluster/replica.ts";
import { VERSION } from "../runtime/version.ts";

/** What is measured. */
export interface AgentFigures {
  observations: Iterable<Observation>;
  listeners: number;
  connections: number;
  addressConnections: number;
  epoch: number;
  revision: number;
  memoryBytes: number;
}

const PHASES = ["pending", "starting", "running", "draining", "stopping", "exited"] as const;

export function agentMetrics(figures: AgentFigures): string {
  const { listeners, connections, addressConnections, epoch, revision, memoryBytes } = figures;
  const observations = [...figures.observations];
  const inPhase = (phase: string) => observations.filter((observation) => observation.phase === phase).length;
  const restarts = observations.reduce((sum, observation) => sum + observation.restarts, 0);
  return [
    ...gauge("muster_build_info", "The version of Muster that runs.", [[`{program="agent",version="${VERSION}"}`, 1]]),
    ...gauge(
      "muster_agent_replicas",
      "Replicas on this host.",
      PHASES.map((phase) => [`{phase="${phase}"}`, inPhase(phase)]),
    ),
    ...gauge("muster_agent_replicas_ready", "Replicas that may get requests.", [
      ["", observations.filter((observation) => observation.ready).length],
    ]),
    ...gauge("muster_agent_replica_restarts", "Restarts of the replicas that are here now.", [["", restarts]]),
    ...gauge("muster_agent_listeners", "Observation streams that are open.", [["", listeners]]),
    ...gauge("muster_agent_connections", "Connections to the agent that are open, tunnels among them.", [[
      "",
      connections,
    ]]),
    ...gauge("muster_agent_address_connections", "Connections from this host to services by their addresses.", [[
      "",
      addressConnections,
    ]]),
    ...gauge("muster_agent_orders_epoch", "Epoch of the orders that are followed.", [["", epoch]]),
    ...gauge("muster_agent_orders_revision", "Revision of the orders that are followed.", [["", revision]]),
    ...gauge("process_resident_memory_bytes", "Resident memory of the agent.", [["", memoryBytes]]),
    "",
  ].join("\n");
}

function gauge(name: string, help: string, samples: readonly (readonly [labels: string, value: number])[]): string[] {
  const head = [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`];
  return [...head, ...samples.map(([labels, value]) => `${name}${labels} ${value}`)];
}
