/**
 * A table of replicas, on the page of a service and on that of a node.
 * @module
 */
import type { ReplicaView } from "../../../wire/api.ts";
import type { UsageView } from "../../../wire/usage.ts";
import type { Condition } from "../condition.ts";
import { bytes, cores } from "../format.ts";
import { NodeLink, ReplicaLink } from "./links.tsx";
import { Since } from "./moment.tsx";
import { STATE } from "./state_column.tsx";
import { type Column, Table } from "./table.tsx";
import { Prose } from "./text.tsx";

export interface ReplicaRow {
  replica: ReplicaView;
  condition: Condition;
  used: UsageView["replicas"][number] | undefined;
}

export function ReplicaTable({ of, rows }: { of: "service" | "node"; rows: readonly ReplicaRow[] }) {
  return (
    <Table
      label="Replicas"
      columns={COLUMNS[of]}
      rows={rows}
      keyOf={({ replica }) => replica.id}
      find={({ replica, condition }) => `${replica.name} ${replica.node_name} ${condition.word} ${replica.reason}`}
    />
  );
}

const NAME: Column<ReplicaRow> = {
  id: "name",
  title: "Replica",
  wide: true,
  cell: ({ replica, condition }) => (
    <>
      <span class="strong">
        <ReplicaLink replica={replica} />
      </span>
      {condition.tone !== "good" && replica.reason !== "" && <Prose class="why" text={replica.reason} />}
    </>
  ),
  sort: ({ replica }) => replica.name,
};
/** Of one node's replicas nobody asks on which node they are. */
const NODE: Column<ReplicaRow> = {
  id: "node",
  title: "Node",
  cell: ({ replica }) => <NodeLink id={replica.node} name={replica.node_name} />,
  sort: ({ replica }) => replica.node_name,
  hide: "narrow",
};
const GENERATION: Column<ReplicaRow> = {
  id: "generation",
  title: "Generation",
  align: "right",
  cell: ({ replica }) => replica.generation,
  sort: ({ replica }) => replica.generation,
  hide: "middle",
};
const UPTIME: Column<ReplicaRow> = {
  id: "uptime",
  title: "Up for",
  align: "right",
  cell: ({ replica }) => <Since time={replica.uptime_s === null ? null : replica.started_at} />,
  sort: ({ replica }) => replica.started_at === null ? null : -Date.parse(replica.started_at),
};
const RESTARTS: Column<ReplicaRow> = {
  id: "restarts",
  title: "Restarts",
  align: "right",
  cell: ({ replica }) => replica.restarts,
  sort: ({ replica }) => replica.restarts,
  hide: "middle",
};
const CPU: Column<ReplicaRow> = {
  id: "cpu",
  title: "Cores",
  align: "right",
  cell: ({ used }) => used?.cpu === null || used === undefined ? <Unknown /> : cores(used.cpu),
  sort: ({ used }) => used?.cpu ?? null,
  hide: "narrow",
};
const MEMORY: Column<ReplicaRow> = {
  id: "memory",
  title: "Memory",
  align: "right",
  cell: ({ used }) => used?.memory_bytes === null || used === undefined ? <Unknown /> : bytes(used.memory_bytes),
  sort: ({ used }) => used?.memory_bytes ?? null,
  hide: "narrow",
};

const COLUMNS: Readonly<Record<"service" | "node", readonly Column<ReplicaRow>[]>> = {
  service: [NAME, STATE, NODE, GENERATION, UPTIME, RESTARTS, CPU, MEMORY],
  node: [NAME, STATE, GENERATION, UPTIME, RESTARTS, CPU, MEMORY],
};

function Unknown() {
  return <span class="faint">–</span>;
}
