/**
 * The first page: whether all is well, and if not what isn't; then the services, the nodes, and what happened last.
 * @module
 */
import { Card, PageHead } from "../components/card.tsx";
import { Empty, Loading } from "../components/empty.tsx";
import { EventList } from "../components/event_list.tsx";
import { Prose } from "../components/text.tsx";
import { count } from "../format.ts";
import { cluster, events, eventsGone, nodeRows, replicas, serviceRows } from "../live/cluster.ts";
import { hrefOf } from "../place.ts";
import { NodesCard } from "./overview/nodes_card.tsx";
import { ServicesCard } from "./overview/services_card.tsx";

const EVENTS_SHOWN = 14;

export function OverviewPage() {
  if (cluster.value === undefined) {
    return (
      <>
        <PageHead title="Overview" about="Asking the controller how things are …" />
        <Loading rows={6} />
      </>
    );
  }
  return (
    <>
      <PageHead title={<Headline />} about={<Attention />} />
      {!isNew() && <Tiles />}
      <div class="columns">
        <div class="stack">
          {nodeRows.value.length === 0 && <NodesCard />}
          <ServicesCard />
          {nodeRows.value.length > 0 && <NodesCard />}
        </div>
        <LastEvents />
      </div>
    </>
  );
}

/** Nothing is there yet that could go well or badly. */
function isNew(): boolean {
  return nodeRows.value.length === 0 && !serviceRows.value.some(({ service }) => service.desired > 0);
}

/** The page in a sentence. */
function Headline() {
  const troubled = troubles();
  if (troubled > 0) return <>{count(troubled, "thing needs", "things need")} attention</>;
  if (isNew()) return <>Ready when you are</>;
  if (serviceRows.value.some(({ condition }) => condition.tone === "busy")) return <>Work is under way</>;
  return <>All is well</>;
}

function Attention() {
  const worst = serviceRows.value.filter(({ condition: { tone } }) => tone === "bad" || tone === "warn");
  const lost = nodeRows.value.filter(({ condition: { tone } }) => tone === "bad" || tone === "warn");
  const parts = [
    ...worst.slice(0, 3).map(({ service, condition }) => `${service.name}: ${condition.word}`),
    ...lost.slice(0, 3).map(({ node, condition }) => `node ${node.name}: ${condition.word}`),
  ];
  const more = worst.length + lost.length - parts.length;
  if (isNew()) return <>A host to carry something, and something to carry: that is all it takes.</>;
  if (parts.length === 0) return <>Services run as they were declared, or are on their way.</>;
  return <Prose text={`${parts.join(" · ")}${more > 0 ? ` · and ${more} more` : ""}`} />;
}

function troubles(): number {
  const isTrouble = ({ condition: { tone } }: { condition: { tone: string } }) => tone === "bad" || tone === "warn";
  return serviceRows.value.filter(isTrouble).length + nodeRows.value.filter(isTrouble).length;
}

function Tiles() {
  const rows = serviceRows.value;
  const healthy = rows.filter(({ condition: { tone } }) => tone === "good").length;
  const wanted = rows.filter(({ service }) => service.desired > 0).length;
  const ready = rows.reduce((sum, { service }) => sum + service.ready, 0);
  const desired = rows.reduce((sum, { service }) => sum + service.desired, 0);
  const up = nodeRows.value.filter(({ node }) => node.status === "ready").length;
  const restarts = [...replicas.value.values()].reduce((sum, replica) => sum + replica.restarts, 0);
  return (
    <div class="tiles">
      <Tile term="Services healthy" number={healthy} of={wanted} to="#services" />
      <Tile term="Replicas ready" number={ready} of={desired} to="#services" />
      <Tile term="Nodes ready" number={up} of={nodeRows.value.length} to="#nodes" />
      <Tile term="Restarts" number={restarts} to={hrefOf("events")} />
    </div>
  );
}

function Tile({ term, number, of, to }: { term: string; number: number; of?: number; to: string }) {
  return (
    <a class="tile" href={to}>
      <span>{term}</span>
      <strong>
        {number.toLocaleString("en-US")}
        {of !== undefined && <small>{` of ${of.toLocaleString("en-US")}`}</small>}
      </strong>
    </a>
  );
}

function LastEvents() {
  return (
    <Card title="Last events" flush aside={<a href={hrefOf("events")}>All events</a>}>
      {eventsGone.value && <p class="faint card-body">While you were away more happened than is kept.</p>}
      {events.value.length === 0
        ? <Empty title="Nothing happened yet">What the cluster does, and why, will stand here.</Empty>
        : <EventList events={events.value} max={EVENTS_SHOWN} />}
    </Card>
  );
}
