/**
 * What happened to a replica: the events that are still known of it, with those that come, and why it is where it is.
 * @module
 */
import type { EventView, ReplicaView } from "../../../../wire/api.ts";
import { client } from "../../api.ts";
import { Card } from "../../components/card.tsx";
import { Empty } from "../../components/empty.tsx";
import { EventList } from "../../components/event_list.tsx";
import { Prose } from "../../components/text.tsx";
import { events } from "../../live/cluster.ts";
import { usePolled } from "../../live/polling.ts";

const AGAIN_MS = 30_000;
const SHOWN = 40;

export function Timeline({ replica: { id, phase } }: { replica: ReplicaView }) {
  const explained = usePolled(
    (signal) => client.explain({ name: id, query: { kind: "replica" } }, { signal }),
    { everyMs: AGAIN_MS, key: `${id} ${phase}` },
  );
  const { answer } = explained.value;
  const byId = new Map([...answer?.events ?? [], ...events.value.filter((event) => isAbout(event, { id }))]
    .map((event): [number, EventView] => [event.id, event]));
  const all = [...byId.values()].sort((a, b) => a.id - b.id);
  return (
    <div class="stack">
      {answer?.placement !== undefined && (
        <Card title="Why it is there">
          <Prose text={answer.placement.reason} />
        </Card>
      )}
      <Card title="Timeline" flush>
        {all.length === 0 ? <Empty title="Nothing happened to it lately" /> : <EventList events={all} max={SHOWN} />}
      </Card>
    </div>
  );
}

function isAbout(event: EventView, { id }: { id: string }): boolean {
  return event.replica === id;
}
