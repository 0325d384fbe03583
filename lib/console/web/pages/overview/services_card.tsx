/**
 * The services with the states of their replicas, those that need somebody first, each with the reason.
 * @module
 */
import { Card } from "../../components/card.tsx";
import { Empty } from "../../components/empty.tsx";
import { CommandHint } from "../../components/command_hint.tsx";
import { ServiceLink } from "../../components/links.tsx";
import { ReplicaBar } from "../../components/replica_bar.tsx";
import { STATE } from "../../components/state_column.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { Prose } from "../../components/text.tsx";
import { count } from "../../format.ts";
import { nodes, type ServiceRow, serviceRows } from "../../live/cluster.ts";

const COLUMNS: readonly Column<ServiceRow>[] = [
  {
    id: "name",
    title: "Service",
    wide: true,
    cell: (row) => <NameCell {...row} />,
    sort: ({ service }) => service.name,
  },
  STATE,
  {
    id: "replicas",
    title: "Replicas",
    cell: ({ conditions, service }) => <ReplicaBar conditions={conditions} desired={service.desired} />,
    hide: "narrow",
  },
  {
    id: "ready",
    title: "Ready",
    align: "right",
    cell: ({ service: { ready, desired } }) => (
      <>
        {ready}
        <span class="faint">{` / ${desired}`}</span>
      </>
    ),
    sort: ({ service }) => service.ready,
  },
  {
    id: "generation",
    title: "Generation",
    align: "right",
    cell: ({ service }) => service.generation,
    sort: ({ service }) => service.generation,
    hide: "middle",
  },
];

export function ServicesCard() {
  const rows = serviceRows.value;
  const first = rows[0]?.service;
  const isFresh = rows.length === 1 && first?.desired === 0;
  return (
    <Card id="services" title="Services" flush aside={count(rows.length, "service")}>
      {rows.length === 0
        ? <Empty title="No services yet" command="controller deploy ./my-app">Bring your first program:</Empty>
        : (
          <Table
            label="Services"
            columns={COLUMNS}
            rows={rows}
            keyOf={({ service }) => service.name}
            find={({ service, condition }) => `${service.name} ${condition.word}`}
          />
        )}
      {isFresh && nodes.value.size > 0 && (
        <p class="card-body">
          <CommandHint
            lead={`"${first.name}" is there to try things with:`}
            command={`controller scale ${first.name}=3`}
          />
        </p>
      )}
    </Card>
  );
}

/** Why it is as it is stands below the name of one that isn't as it should be. */
function NameCell({ service, replicas, condition }: ServiceRow) {
  return (
    <>
      <span class="strong">
        <ServiceLink name={service.name} />
      </span>
      {condition.tone !== "good" && <Why service={service} replicas={replicas} />}
    </>
  );
}

function Why({ service: { rollout, waiting, removed }, replicas }: Pick<ServiceRow, "service" | "replicas">) {
  const unready = replicas.find(({ ready, phase }) => !ready && (phase === "exited" || phase === "lost")) ??
    replicas.find(({ ready }) => !ready);
  const isOpen = rollout !== null && rollout.phase !== "done";
  const reason = removed ? "" : isOpen ? rollout.reason : unready?.reason ?? waiting[0] ?? "";
  return reason === "" ? null : <Prose class="why" text={reason} />;
}
