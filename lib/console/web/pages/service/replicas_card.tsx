/**
 * The replicas of a service: where each runs, since when, and what it uses.
 * @module
 */
import type { ReplicaView } from "../../../../wire/api.ts";
import { client } from "../../api.ts";
import { Card } from "../../components/card.tsx";
import { Empty } from "../../components/empty.tsx";
import { type ReplicaRow, ReplicaTable } from "../../components/replica_table.tsx";
import { count } from "../../format.ts";
import type { ServiceRow } from "../../live/cluster.ts";
import { usePolled } from "../../live/polling.ts";

const USAGE_MS = 2_000;

export function ReplicasCard({ service, replicas, conditions }: ServiceRow) {
  const usage = usePolled(
    (signal) => client.getUsage({ query: { service: service.name } }, { signal }),
    { everyMs: USAGE_MS, key: service.name },
  );
  const byId = new Map(usage.value.answer?.replicas.map((used) => [used.id, used]));
  const rows = replicas.flatMap((replica: ReplicaView, index): ReplicaRow[] => {
    const condition = conditions[index];
    return condition === undefined ? [] : [{ replica, condition, used: byId.get(replica.id) }];
  });
  return (
    <Card title="Replicas" flush aside={count(rows.length, "replica")}>
      {rows.length === 0 ? <None service={service} /> : <ReplicaTable of="service" rows={rows} />}
    </Card>
  );
}

function None({ service: { name, desired } }: Pick<ServiceRow, "service">) {
  if (desired === 0) {
    return <Empty title="No replicas" command={`controller scale ${name}=1`}>It is scaled to 0. To have one:</Empty>;
  }
  return <Empty title="None is placed yet" command={`controller explain ${name}`}>Why that is:</Empty>;
}
