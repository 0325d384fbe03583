/**
 * A plan as one reads it: each service with what would be another, the steps in their order with the reason of each, and
 * what would be waited for in the end.
 * @module
 */
import type { Difference, Planned, PlannedAction } from "../../../wire/change.ts";
import { Card } from "../components/card.tsx";
import { type Column, Table } from "../components/table.tsx";
import { Name, Prose } from "../components/text.tsx";
import { count } from "../format.ts";
import { DiffTable } from "./service/diff_table.tsx";

const OUTCOMES = {
  created: "is new",
  changed: "changes",
  scaled: "is scaled",
  unchanged: "stays as it is",
} as const satisfies Record<Planned["services"][number]["outcome"], string>;

/** A step with its place in the order. */
type Step = PlannedAction & { at: number };

const COLUMNS: readonly Column<Step>[] = [
  { id: "kind", title: "Step", cell: ({ kind }) => kind, sort: ({ kind }) => kind },
  { id: "replica", title: "Replica", cell: (step) => <Name text={replicaOf(step)} />, sort: replicaOf },
  {
    id: "node",
    title: "Node",
    cell: ({ node_name }) => node_name === null ? <span class="faint">–</span> : <Name text={node_name} />,
    sort: ({ node_name }) => node_name,
  },
  { id: "reason", title: "Why", cell: ({ reason }) => <Prose text={reason} />, hide: "narrow" },
];

export function PlanView({ plan }: { plan: Planned }) {
  const steps = plan.actions.map((action, at): Step => ({ ...action, at }));
  return (
    <>
      {plan.services.map((service) => <ServiceChange key={service.name} service={service} />)}
      <Card title={count(steps.length, "step")} flush>
        {steps.length === 0
          ? <p class="note">Nothing is started, stopped or moved.</p>
          : <Table label="Steps" columns={COLUMNS} rows={steps} keyOf={({ at }) => String(at)} />}
      </Card>
      <Open plan={plan} />
    </>
  );
}

function ServiceChange({ service: { name, outcome, generation, diff } }: { service: Planned["services"][number] }) {
  const title = (
    <>
      <Name text={name} /> {OUTCOMES[outcome]}
    </>
  );
  return (
    <Card title={title} aside={<span class="faint">{`generation ${generation}`}</span>}>
      <Changes diff={diff} isNew={outcome === "created"} />
    </Card>
  );
}

function Open({ plan: { waits, complete, cut_short } }: { plan: Planned }) {
  if (complete && waits.length === 0) return null;
  return (
    <Card title="What would be left open">
      {cut_short !== null && (
        <p>
          <Prose text={cut_short} />
        </p>
      )}
      <ul class="because">
        {waits.map(({ service, slot, reason }) => (
          <li key={`${service}.${slot}`}>
            <Name text={`${service}.${slot}`} />: <Prose text={reason} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function replicaOf({ service, slot }: PlannedAction): string {
  return slot === null ? service : `${service}.${slot}`;
}

/** Of a new service all of it differs, also what it leaves out: that is for who wants to know. */
function Changes({ diff, isNew }: { diff: readonly Difference[]; isNew: boolean }) {
  if (diff.length === 0) return null;
  const table = <DiffTable differences={diff.map(named)} />;
  if (!isNew) return table;
  return (
    <details>
      <summary>The whole spec, with what it leaves out</summary>
      {table}
    </details>
  );
}

function named({ path, ...values }: Difference): Difference {
  return { path: path === "" ? "the whole spec" : path, ...values };
}
