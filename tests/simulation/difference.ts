/**
 * Whether what runs is what is wanted.
 * @module
 */
import { isUnderWay } from "../../lib/cluster/rollout.ts";
import type { Host } from "./host.ts";
import { leaderOf, type Stage } from "./stage.ts";

/** In what desired and actual differ; undefined when they agree. */
export function difference(stage: Stage): string | undefined {
  const loop = leaderOf(stage)?.loop;
  if (loop === undefined) return "there is no leader";
  const { services, replicas, unsettled } = loop.state;
  for (const { record, ready, rollout } of services.values()) {
    if (isUnderWay(rollout)) return `${record.name} is on its way to generation ${rollout?.record.to}`;
    if (ready !== record.desired) {
      return `${record.name} has ${ready} of ${record.desired} ready: ${JSON.stringify(loop.waits)}`;
    }
  }
  const running = runningOn(stage.hosts);
  for (const { host, replica } of running) {
    const record = replicas.get(replica)?.record;
    if (record === undefined) return `${host} runs ${replica}, which is not wanted`;
    if (record.draining) return `${host} still runs ${record.service}.${record.slot}, which is to stop`;
  }
  if (unsettled.size > 0) return `unsettled: ${[...unsettled].join(", ")}`;
  if (running.length !== replicas.size) return `${running.length} processes for ${replicas.size} assignments`;
  return undefined;
}

function runningOn(hosts: readonly Host[]): { host: string; replica: string }[] {
  return hosts.flatMap(({ name, table }) =>
    table.own.flatMap(({ own }) => own === undefined ? [] : [{ host: name, replica: own.replica }])
  );
}
