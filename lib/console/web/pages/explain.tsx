/**
 * Why something is as it is: a service, a replica or a node, by its name. The controller's own words, asked again as
 * things move; for what can't be placed, the reason of every node.
 * @module
 */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { ExplainView } from "../../../wire/explain.ts";
import { client } from "../api.ts";
import type { PageProps } from "../app.tsx";
import { Card, Fact, Facts, PageHead } from "../components/card.tsx";
import { CommandHint } from "../components/command_hint.tsx";
import { Empty, Loading } from "../components/empty.tsx";
import { EventList } from "../components/event_list.tsx";
import { Since } from "../components/moment.tsx";
import { Refusal } from "../components/refusal.tsx";
import { type Column, Table } from "../components/table.tsx";
import { Name, Prose } from "../components/text.tsx";
import { nodes, replicas, services } from "../live/cluster.ts";
import { usePolled } from "../live/polling.ts";
import { hrefOf } from "../place.ts";
import { go } from "../router.ts";
import { shellWord } from "../shell_word.ts";

const EVERY_MS = 3_000;
/** Names that are offered to choose from. */
const OFFERED_MAX = 300;

export function ExplainPage({ subject }: PageProps) {
  return (
    <>
      <PageHead title="Explain" about="Why a service, a replica or a node is as it is.">
        {subject !== "" && <CommandHint command={`controller explain ${shellWord(subject)}`} />}
      </PageHead>
      <Subject subject={subject} />
      {subject === ""
        ? <Empty title="Name what you wonder about">A service (web), one of its replicas (web.3), or a node.</Empty>
        : <Explanation subject={subject} />}
    </>
  );
}

function Subject({ subject }: { subject: string }) {
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: Event) => {
    event.preventDefault();
    const name = field.current?.value.trim() ?? "";
    if (name !== "") go(hrefOf("explain", name));
  };
  return (
    <form class="filters" onSubmit={submit}>
      <label>
        Name
        <input
          ref={field}
          list="explainable"
          defaultValue={subject}
          placeholder="web, web.3 or a node"
          spellcheck={false}
        />
      </label>
      <datalist id="explainable">{offered().map((name) => <option key={name} value={name} />)}</datalist>
      <button type="submit" class="primary">Explain</button>
    </form>
  );
}

/** What somebody is likely to wonder about: replicas that aren't ready come first. */
function offered(): string[] {
  const unready = [...replicas.value.values()].filter(({ ready }) => !ready).map(({ name }) => name);
  const names = [...unready, ...services.value.keys(), ...[...nodes.value.values()].map(({ name }) => name)];
  return [...new Set(names)].slice(0, OFFERED_MAX);
}

function Explanation({ subject }: { subject: string }) {
  const polled = usePolled((signal) => client.explain({ name: subject }, { signal }), {
    everyMs: EVERY_MS,
    key: subject,
  });
  const { answer, refusal } = polled.value;
  if (refusal !== undefined) return <Refusal text={refusal} />;
  if (answer === undefined) return <Loading rows={4} />;
  return (
    <>
      <Card title={<Heading explained={answer} />}>
        <p class="summary">
          <Prose text={answer.summary} />
        </p>
        <Lines lines={answer.because} />
        <Placement explained={answer} />
      </Card>
      {/* Of what isn't placed the wait is the summary. */}
      <Waits waits={answer.waits.filter((wait) => !answer.summary.includes(wait))} />
      {answer.nodes !== undefined && answer.nodes.length > 0 && <PerNode nodes={answer.nodes} />}
      {answer.events.length > 0 && (
        <Card title="What happened to it" flush>
          <EventList events={answer.events} />
        </Card>
      )}
    </>
  );
}

function Heading({ explained: { kind, name, id } }: { explained: ExplainView }) {
  const href = kind === "service"
    ? hrefOf("services", name)
    : id === undefined
    ? undefined
    : hrefOf(kind === "node" ? "nodes" : "replicas", id);
  const word = kind[0]!.toUpperCase() + kind.slice(1);
  return <>{word} {href === undefined ? <Name text={name} /> : <a href={href}>{<Name text={name} />}</a>}</>;
}

function Lines({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return <ul class="because">{lines.map((line) => <li key={line}>{<Prose text={line} />}</li>)}</ul>;
}

function Placement({ explained: { placement, rollout } }: { explained: ExplainView }) {
  if (placement === undefined && rollout === undefined) return null;
  return (
    <Facts>
      {placement !== undefined && (
        <>
          <Fact term="Placed on">
            <Name text={placement.node} /> <span class="faint">for</span> <Since time={placement.since} />
          </Fact>
          <Fact term="Because">
            <Prose text={placement.reason} />
          </Fact>
        </>
      )}
      {rollout !== undefined && (
        <Fact term="Rollout">
          <Prose text={rollout} />
        </Fact>
      )}
    </Facts>
  );
}

function Waits({ waits }: { waits: readonly string[] }): ComponentChildren {
  if (waits.length === 0) return null;
  return (
    <Card title="What it waits for">
      <Lines lines={waits} />
    </Card>
  );
}

type NodeReason = NonNullable<ExplainView["nodes"]>[number];

const COLUMNS: readonly Column<NodeReason>[] = [
  { id: "node", title: "Node", cell: ({ node }) => <Name text={node} />, sort: ({ node }) => node },
  { id: "reason", title: "Why not there", cell: ({ reason }) => <Prose text={reason} />, sort: ({ reason }) => reason },
];

function PerNode({ nodes: reasons }: { nodes: readonly NodeReason[] }) {
  return (
    <Card title="Node by node" flush>
      <Table label="Why it is not on a node" columns={COLUMNS} rows={reasons} keyOf={({ node }) => node} />
    </Card>
  );
}
