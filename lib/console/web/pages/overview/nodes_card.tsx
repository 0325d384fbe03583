/**
 * The nodes, with what is reserved on each beside what is used of it.
 * @module
 */
import { client } from "../../api.ts";
import { Card } from "../../components/card.tsx";
import { Empty } from "../../components/empty.tsx";
import { NodeLink } from "../../components/links.tsx";
import { Meter } from "../../components/meter.tsx";
import { STATE } from "../../components/state_column.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { bytes, cores, count } from "../../format.ts";
import { type NodeRow, nodeRows } from "../../live/cluster.ts";
import { usePolled } from "../../live/polling.ts";
import type { UsageView } from "../../../../wire/usage.ts";

const USAGE_MS = 2_000;
const MIB = 1_048_576;

interface Row extends NodeRow {
  used: UsageView["nodes"][number] | undefined;
}

const COLUMNS: readonly Column<Row>[] = [
  {
    id: "name",
    title: "Node",
    cell: ({ node }) => (
      <span class="strong">
        <NodeLink id={node.id} name={node.name} />
      </span>
    ),
    sort: ({ node }) => node.name,
  },
  STATE,
  {
    id: "replicas",
    title: "Replicas",
    align: "right",
    cell: ({ node }) => node.replicas,
    sort: ({ node }) => node.replicas,
    hide: "narrow",
  },
  {
    id: "cpu",
    title: "Cores",
    cell: ({ node: { capacity, reserved }, used }) => (
      <Meter label="Cores" capacity={capacity.cpu} reserved={reserved.cpu} used={used?.cpu} format={cores} />
    ),
    sort: ({ used }) => used?.cpu ?? null,
  },
  {
    id: "memory",
    title: "Memory",
    wide: true,
    cell: ({ node: { capacity, reserved }, used }) => (
      <Meter
        label="Memory"
        capacity={capacity.memory * MIB}
        reserved={reserved.memory * MIB}
        used={used?.memory_bytes}
        format={bytes}
      />
    ),
    sort: ({ used }) => used?.memory_bytes ?? null,
    hide: "narrow",
  },
];

export function NodesCard() {
  const usage = usePolled((signal) => client.getUsage({ query: { only: "nodes" } }, { signal }), { everyMs: USAGE_MS });
  const byId = new Map(usage.value.answer?.nodes.map((node) => [node.id, node]));
  const rows = nodeRows.value.map((row) => ({ ...row, used: byId.get(row.node.id) }));
  return (
    <Card id="nodes" title="Nodes" flush aside={<Legend nodes={rows.length} />}>
      {rows.length === 0
        ? (
          <Empty title="No nodes yet" command={`agent --controller ${location.origin}`}>
            Start an agent on each host that should carry replicas:
          </Empty>
        )
        : (
          <Table
            label="Nodes"
            columns={COLUMNS}
            rows={rows}
            keyOf={({ node }) => node.id}
            find={({ node, condition }) => `${node.name} ${condition.word} ${Object.values(node.labels).join(" ")}`}
          />
        )}
    </Card>
  );
}

function Legend({ nodes }: { nodes: number }) {
  return (
    <>
      {nodes > 0 && (
        <span class="legend">
          <i class="reserved" /> reserved <i class="used" /> used
        </span>
      )}
      <span>{count(nodes, "node")}</span>
    </>
  );
}
