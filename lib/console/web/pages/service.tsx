/**
 * One service: how it is and what can be done with it, then its replicas, its requests, its generations or its log.
 * @module
 */
import type { ServiceRow } from "../live/cluster.ts";
import type { PageProps } from "../app.tsx";
import { client } from "../api.ts";
import { By } from "../components/by.tsx";
import { Card, PageHead } from "../components/card.tsx";
import { Loading } from "../components/empty.tsx";
import { LogView } from "../components/log_view.tsx";
import { Ago } from "../components/moment.tsx";
import { Mark, Status } from "../components/status.tsx";
import { Name, Prose } from "../components/text.tsx";
import { cluster, serviceRows } from "../live/cluster.ts";
import { hrefOf } from "../place.ts";
import { ServiceActions } from "./service/actions.tsx";
import { Generations } from "./service/generations.tsx";
import { ReplicasCard } from "./service/replicas_card.tsx";
import { isOpen, RolloutCard } from "./service/rollout_card.tsx";
import { RoutesCard } from "./service/routes_card.tsx";
import { SpecCard } from "./service/spec_card.tsx";
import { TrafficCard } from "./service/traffic_card.tsx";

const TABS = [["", "Replicas"], ["spec", "Spec"], ["generations", "Generations"], ["logs", "Logs"]] as const;
/** Under more of them nobody would find the charts. */
const REPLICAS_FIRST_MAX = 20;

export function ServicePage({ subject, query }: PageProps) {
  const row = serviceRows.value.find(({ service }) => service.name === subject);
  const overview = <a href={hrefOf("overview")}>Overview</a>;
  if (row === undefined) {
    if (cluster.value === undefined) return <Loading rows={6} />;
    return (
      <PageHead
        above={overview}
        title={<Name text={subject} />}
        about="There is no such service, or it is gone by now."
      >
        <a class="button" href={hrefOf("events", "", { service: subject })}>Its events</a>
      </PageHead>
    );
  }
  const tab = query.tab ?? "";
  return (
    <>
      <PageHead above={overview} title={<Name text={subject} />} about={<About {...row} />}>
        <ServiceActions service={row.service} />
      </PageHead>
      <nav class="tabs" aria-label="About this service">
        {TABS.map(([id, title]) => (
          <a key={id} href={hrefOf("services", subject, { tab: id })} aria-current={id === tab ? "page" : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <Tab tab={tab} row={row} />
    </>
  );
}

function Tab({ tab, row }: { tab: string; row: ServiceRow }) {
  const { name } = row.service;
  if (tab === "generations") return <Generations service={row.service} />;
  if (tab === "spec") {
    return (
      <>
        <RoutesCard service={row.service} />
        <SpecCard spec={row.service.spec} />
      </>
    );
  }
  if (tab === "logs") {
    return (
      <Card title="All replicas, interleaved">
        <LogView
          id={name}
          source={(query, options) => client.readServiceLogs({ name, query }, options)}
          command={`controller logs ${name} -f`}
        />
      </Card>
    );
  }
  return (
    <>
      <Waiting row={row} />
      <RolloutCard {...row} />
      {row.replicas.length > REPLICAS_FIRST_MAX && <TrafficCard name={name} />}
      <ReplicasCard {...row} />
      {row.replicas.length <= REPLICAS_FIRST_MAX && <TrafficCard name={name} />}
    </>
  );
}

function About({ service: { name, ready, desired, generation, at, by }, condition }: ServiceRow) {
  return (
    <>
      <Status {...condition} />
      {condition.tone !== "good" && condition.tone !== "idle" && <a href={hrefOf("explain", name)}>Why?</a>}
      <span>{ready > desired ? `${ready} ready, ${desired} wanted` : `${ready} of ${desired} ready`}</span>
      <span>{`generation ${generation}`}</span>
      {at !== null && (
        <span>
          declared <Ago time={at} />
          <By who={by} />
        </span>
      )}
    </>
  );
}

/** What can't be placed yet, in the scheduler's own words. Nothing is wrong with waiting. */
function Waiting({ row: { service } }: { row: ServiceRow }) {
  if (service.waiting.length === 0 || isOpen(service.rollout)) return null;
  return (
    <div class="notice busy">
      <Mark tone="busy" />
      <div>
        {service.waiting.slice(0, 5).map((reason) => <Prose key={reason} text={reason} />)}
        <a class="faint" href={hrefOf("explain", service.name)}>Why, node by node</a>
      </div>
    </div>
  );
}
