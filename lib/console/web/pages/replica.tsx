/**
 * One replica: how it is and why, what happened to it, what its process said last, and its log as it goes.
 * @module
 */
import { useRef } from "preact/hooks";
import type { ReplicaView } from "../../../wire/api.ts";
import { client } from "../api.ts";
import type { PageProps } from "../app.tsx";
import { Action } from "../components/action.tsx";
import { Card, Fact, Facts, PageHead } from "../components/card.tsx";
import { Loading } from "../components/empty.tsx";
import { NodeLink, ServiceLink } from "../components/links.tsx";
import { LogView } from "../components/log_view.tsx";
import { Since } from "../components/moment.tsx";
import { Status } from "../components/status.tsx";
import { Name, Prose } from "../components/text.tsx";
import { replicaCondition } from "../condition.ts";
import { bytes, cores } from "../format.ts";
import { slowNowMs } from "../live/clock.ts";
import { cluster, replicas, replicasByService } from "../live/cluster.ts";
import { usePolled } from "../live/polling.ts";
import { hrefOf } from "../place.ts";
import { LastWords } from "./replica/last_words.tsx";
import { Timeline } from "./replica/timeline.tsx";

const USAGE_MS = 2_000;

export function ReplicaPage({ subject }: PageProps) {
  const present = replicas.value.get(subject);
  const known = useRef<ReplicaView | undefined>(present);
  if (present !== undefined) known.current = present;
  const replica = known.current;
  if (replica === undefined) {
    if (cluster.value === undefined) return <Loading rows={6} />;
    return (
      <PageHead
        above={<a href={hrefOf("overview")}>Overview</a>}
        title="This replica is gone"
        about="Another one may have taken its slot."
      />
    );
  }
  return <Replica replica={replica} gone={present === undefined} />;
}

function Replica({ replica, gone }: { replica: ReplicaView; gone: boolean }) {
  const { id, name, service, ready, reason } = replica;
  const condition = gone ? { tone: "idle", word: "gone" } as const : replicaCondition(replica, slowNowMs.value);
  return (
    <>
      <PageHead
        above={
          <>
            <a href={hrefOf("overview")}>Overview</a> / <ServiceLink name={service} />
          </>
        }
        title={<Name text={name} />}
        about={
          <>
            <Status {...condition} />
            <span>
              {"on "}
              <NodeLink id={replica.node} name={replica.node_name} />
            </span>
            {gone && <Successor replica={replica} />}
            {!gone && !ready && reason !== "" && <Prose text={reason} />}
          </>
        }
      >
        {!gone && <ReplicaActions replica={replica} />}
      </PageHead>
      <div class="columns">
        <div class="stack">
          <LastWords replica={replica} />
          <ReplicaFacts replica={gone ? { ...replica, uptime_s: null } : replica} />
          {!gone && (
            <Card title="Log">
              <LogView
                id={id}
                source={(query, options) => client.readReplicaLogs({ id, query }, options)}
                command={`controller logs ${name} -f`}
              />
            </Card>
          )}
        </div>
        <Timeline replica={replica} />
      </div>
    </>
  );
}

/** Who has the slot of one that is gone. */
function Successor({ replica: { id, service, slot } }: { replica: ReplicaView }) {
  const next = replicasByService.value.get(service)?.find((other) => other.slot === slot && other.id !== id);
  if (next === undefined) return <span>It ended for good.</span>;
  return (
    <span>
      its slot is taken by <a href={hrefOf("replicas", next.id)}>{`${next.name} on ${next.node_name}`}</a>
    </span>
  );
}

function ReplicaActions({ replica: { id, name, service, phase } }: { replica: ReplicaView }) {
  const isEnding = phase === "draining" || phase === "stopping";
  const rules = { service, unavailable: isEnding ? `it is ${phase}` : undefined };
  return (
    <>
      <Action
        {...rules}
        label="Restart"
        command={`controller restart ${name}`}
        done={`${name} is restarted in place`}
        ask={{
          title: `Restart ${name}?`,
          confirm: "Restart",
          body: <p>Its process ends, and a new one starts on the same node.</p>,
        }}
        run={(options) => client.restartReplica({ id }, options)}
      />
      <Action
        {...rules}
        label="Stop"
        tone="danger"
        command={`controller stop ${name}`}
        done={`${name} is withdrawn and stopped`}
        ask={{
          title: `Stop ${name}?`,
          confirm: "Stop",
          destructive: true,
          body: <p>Its requests end first. The scale stays, so that another replica takes its slot.</p>,
        }}
        run={(options) => client.stopReplica({ id }, options)}
      />
    </>
  );
}

function ReplicaFacts({ replica }: { replica: ReplicaView }) {
  const { id, service, generation, pid, port, ports, restarts, uptime_s, started_at, instance, fence } = replica;
  const usage = usePolled(
    (signal) => client.getUsage({ query: { service } }, { signal }),
    { everyMs: USAGE_MS, key: service },
  );
  const used = usage.value.answer?.replicas.find((one) => one.id === id);
  const named = Object.entries(ports).map(([called, at]) => `${called} ${at}`);
  return (
    <Card title="Facts">
      <Facts>
        <Fact term="Up for">
          <Since time={uptime_s === null ? null : started_at} />
        </Fact>
        <Fact term="Restarts">{restarts}</Fact>
        <Fact term="Cores used">{used?.cpu === null || used === undefined ? "–" : cores(used.cpu)}</Fact>
        <Fact term="Memory used">
          {used?.memory_bytes === null || used === undefined ? "–" : bytes(used.memory_bytes)}
        </Fact>
        <Fact term="Process">{pid ?? "–"}</Fact>
        <Fact term="Port">{[port ?? "–", ...named].join(", ")}</Fact>
        <Fact term="Generation">{generation}</Fact>
        <Fact term="Fence">{fence}</Fact>
        <Fact term="Id">
          <Name code text={id} />
        </Fact>
        <Fact term="Instance">
          <Name code text={instance ?? "–"} />
        </Fact>
      </Facts>
    </Card>
  );
}
