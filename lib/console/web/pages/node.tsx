/**
 * One node: where it is, what it has, what is reserved and used of it, what it carries, and how it is emptied.
 * @module
 */
import type { NodeView } from "../../../wire/api.ts";
import { client } from "../api.ts";
import type { PageProps } from "../app.tsx";
import { Card, Fact, Facts, PageHead } from "../components/card.tsx";
import { Empty, Loading } from "../components/empty.tsx";
import { EventList } from "../components/event_list.tsx";
import { ReplicaTable } from "../components/replica_table.tsx";
import { Status } from "../components/status.tsx";
import { Name } from "../components/text.tsx";
import { nodeCondition, replicaCondition, severity } from "../condition.ts";
import { count } from "../format.ts";
import { slowNowMs } from "../live/clock.ts";
import { cluster, events, nodes, replicasByNode } from "../live/cluster.ts";
import { usePolled } from "../live/polling.ts";
import { hrefOf } from "../place.ts";
import type { UsageView } from "../../../wire/usage.ts";
import { NodeActions } from "./node/actions.tsx";
import { DrainCard } from "./node/drain_card.tsx";
import { LabelsCard } from "./node/labels_card.tsx";
import { UsageCard } from "./node/usage_card.tsx";

const USAGE_MS = 2_000;
const EVENTS_SHOWN = 12;

export function NodePage({ subject }: PageProps) {
  const node = nodes.value.get(subject);
  const above = <a href={hrefOf("overview")}>Overview</a>;
  if (node === undefined) {
    if (cluster.value === undefined) return <Loading rows={6} />;
    return <PageHead above={above} title="There is no such node" about="It may have been removed." />;
  }
  return (
    <>
      <PageHead above={above} title={<Name text={node.name} />} about={<About node={node} />}>
        <NodeActions node={node} />
      </PageHead>
      <Node node={node} />
    </>
  );
}

function About({ node }: { node: NodeView }) {
  const { url, version, skew } = node;
  return (
    <>
      <Status {...nodeCondition(node)} />
      <Name code text={url} />
      {version !== null && <span>{`version ${version}`}</span>}
      {skew !== null && <span class="tag warn">{`${skew} than the controller`}</span>}
    </>
  );
}

function Node({ node }: { node: NodeView }) {
  const { id } = node;
  const usage = usePolled(
    (signal) => client.getUsage({ query: { node: id } }, { signal }),
    { everyMs: USAGE_MS, key: id },
  );
  const about = events.value.filter((event) => event.node === id);
  return (
    <div class="columns">
      <div class="stack">
        <DrainCard node={node} />
        <UsageCard node={node} usage={usage.value.answer} />
        <Carried id={id} usage={usage.value.answer} />
      </div>
      <div class="stack">
        <LabelsCard node={node} />
        <Identity node={node} />
        <Card title="Last events" flush>
          {about.length === 0 ? <Empty title="Nothing lately" /> : <EventList events={about} max={EVENTS_SHOWN} />}
        </Card>
      </div>
    </div>
  );
}

function Carried({ id, usage }: { id: string; usage: UsageView | undefined }) {
  const byId = new Map(usage?.replicas.map((used) => [used.id, used]));
  const rows = (replicasByNode.value.get(id) ?? []).map((replica) => ({
    replica,
    condition: replicaCondition(replica, slowNowMs.value),
    used: byId.get(replica.id),
  })).sort((a, b) => severity(a.condition) - severity(b.condition));
  return (
    <Card title="Replicas here" flush aside={count(rows.length, "replica")}>
      {rows.length === 0 ? <Empty title="It carries nothing at the moment" /> : <ReplicaTable of="node" rows={rows} />}
    </Card>
  );
}

function Identity({ node: { id, identity, last_seen_s } }: { node: NodeView }) {
  return (
    <Card title="Identity">
      <Facts>
        <Fact term="Id">
          <Name code text={id} />
        </Fact>
        <Fact term="Host's own">
          <Name code text={identity ?? "not known yet"} />
        </Fact>
        {last_seen_s === null && <Fact term="Heard">never yet</Fact>}
      </Facts>
    </Card>
  );
}
