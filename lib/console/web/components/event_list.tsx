/**
 * Events, the newest first: when, what, and about whom. The same list on every page that shows some.
 * @module
 */
import type { EventView } from "../../../wire/api.ts";
import { timeOfDay } from "../format.ts";
import { replicas } from "../live/cluster.ts";
import { ReplicaLink, ServiceLink } from "./links.tsx";
import { Ago } from "./moment.tsx";
import { Mark } from "./status.tsx";
import { Prose } from "./text.tsx";

/** Red is for what went wrong; what is only to be noticed is not. */
const WRONG = /exited|lost|given_up|rolled_back|damaged|mass_loss$/;

export function EventList({ events, max }: { events: readonly EventView[]; max?: number }) {
  const shown = events.slice(max === undefined ? 0 : -max).toReversed();
  return (
    <ol class="events">
      {shown.map((event) => (
        <li key={event.id}>
          <Mark tone={toneOf(event)} />
          <div>
            <Prose text={event.text} />
            <div class="faint event-about">
              <Ago time={event.time} />
              <span>{timeOfDay(event.time)}</span>
              <About event={event} />
            </div>
          </div>
        </li>
      ))}
    </ol>
  );
}

/** The replica, as long as there is one, and else its service. */
function About({ event: { replica, service } }: { event: EventView }) {
  // Only looked up: a list of events needn't be drawn anew for each change of a replica.
  const known = replica === undefined ? undefined : replicas.peek().get(replica);
  if (known !== undefined) return <ReplicaLink replica={known} />;
  return service === undefined ? null : <ServiceLink name={service} />;
}

export function toneOf({ severity, kind }: Pick<EventView, "severity" | "kind">) {
  if (severity === "info") return "idle";
  if (kind === "replica_waiting") return "busy";
  return WRONG.test(kind) ? "bad" : "warn";
}
