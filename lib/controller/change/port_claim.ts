/**
 * That a port of the ingress leads to one service alone. Asked before specs are declared, together: a port may go from
 * one to another in one apply, and two that want the same one are refused with everything else that was given.
 * @module
 */
import type { TcpRoute } from "../../cluster/tcp_route.ts";
import { isUnderWay } from "../../cluster/rollout.ts";
import { generationOf } from "../../cluster/service_record.ts";
import type { ClusterState, ServiceState } from "../../cluster/state.ts";

/** A port that a service wants, and the other one that has it or wants it as well. */
export interface PortClaim {
  port: number;
  service: string;
  holder: string;
  /** Both want it at once, or it is the holder's already. */
  since: "now" | "before";
}

interface Claiming {
  readonly name: string;
  readonly tcp: readonly TcpRoute[];
}

/** The first port that would be two services' if the specs were theirs. */
export function portClaimedTwice(state: ClusterState, specs: readonly Claiming[]): PortClaim | undefined {
  if (specs.every(({ tcp }) => tcp.length === 0)) return undefined;
  const holders = new Map<number, Pick<PortClaim, "holder" | "since">>();
  const given = new Set(specs.map(({ name }) => name));
  for (const service of state.services.values()) {
    const { name, removed } = service.record;
    // What is being removed gets no connections any more.
    if (removed || given.has(name)) continue;
    for (const port of portsOf(service)) holders.set(port, { holder: name, since: "before" });
  }
  for (const { name: service, tcp } of specs) {
    for (const { port } of tcp) {
      const held = holders.get(port);
      if (held !== undefined) return { port, service, ...held };
    }
    for (const { port } of tcp) holders.set(port, { holder: service, since: "now" });
  }
  return undefined;
}

/** What a service goes back to if its rollout fails stays its own meanwhile. */
function portsOf({ record, rollout }: ServiceState): number[] {
  const from = rollout !== undefined && isUnderWay(rollout) ? rollout.record.from : null;
  const former = from === null ? undefined : generationOf(record, from);
  return [...record.spec.tcp, ...former?.spec.tcp ?? []].map(({ port }) => port);
}

export function claimInWords({ port, service, holder, since }: PortClaim): string {
  const why = since === "before" ? `it leads to ${holder} already` : `${holder} is given it as well`;
  return `"tcp": port ${port} of the ingress can't lead to ${service}: ${why}; ` +
    "choose another one, or apply both services together so that only one has it";
}
