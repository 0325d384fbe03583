/**
 * What happened, the newest first, as it happens: all of it, or what is asked for by words, service, node and severity.
 * What is asked for stands in the address; older events are fetched as somebody goes back.
 * @module
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { printable } from "../../../runtime/sanitize.ts";
import { client, refusalIn } from "../api.ts";
import type { PageProps } from "../app.tsx";
import { Card, PageHead } from "../components/card.tsx";
import { CommandHint } from "../components/command_hint.tsx";
import { Empty } from "../components/empty.tsx";
import { EventList } from "../components/event_list.tsx";
import { Refusal } from "../components/refusal.tsx";
import { type EventFilter, filterIn, isFiltering, matching, severityIn } from "../event_filter.ts";
import { count } from "../format.ts";
import { events, eventsGone, nodes, services } from "../live/cluster.ts";
import { type EventHistory, historyOf, withLast, withOlder } from "../live/event_history.ts";
import { olderThan } from "../live/older_events.ts";
import { hrefOf } from "../place.ts";
import { go } from "../router.ts";
import { shellWord } from "../shell_word.ts";

const SHOWN_STEP = 200;
/** To find what is asked for, so many pages are looked through at a time. */
const PAGES_AT_ONCE = 4;

export function EventsPage({ query }: PageProps) {
  const filter = filterIn(query);
  const shown = useSignal(SHOWN_STEP);
  const { history, busy, refusal, fetchOlder } = useHistory();
  const found = matching(history.events, filter, nodes.value);
  const more = async () => {
    shown.value += SHOWN_STEP;
    await fetchOlder(({ events }) => matching(events, filter, nodes.peek()).length >= shown.peek());
  };
  useEffect(() => void (shown.value = SHOWN_STEP), [filter.text, filter.service, filter.node, filter.severity]);
  const isMore = found.length > shown.value || history.before !== undefined;
  return (
    <>
      <PageHead title="Events" about="What happened in the cluster, and why.">
        <CommandHint command={commandOf(filter)} />
      </PageHead>
      <Filters filter={filter} />
      <Card title={isFiltering(filter) ? `${count(found.length, "event")} found` : "All events"} flush>
        {eventsGone.value && (
          <p class="note">Some events were missed while this page was away, and are kept no longer.</p>
        )}
        {found.length === 0
          ? <Empty title={isFiltering(filter) ? "No event is like that" : "Nothing happened yet"} />
          : <EventList events={found} max={shown.value} />}
        <div class="more">
          {isMore
            ? <button type="button" aria-disabled={busy.value} onClick={more}>Older events</button>
            : <span class="faint">No older events are kept.</span>}
          <Refusal text={refusal.value} />
        </div>
      </Card>
    </>
  );
}

function Filters({ filter }: { filter: EventFilter }) {
  const set = (changed: Partial<EventFilter>) => go(hrefOf("events", "", { ...filter, ...changed }));
  const names = [...nodes.value.values()].map(({ name }) => name).toSorted();
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <label>
        Text
        <input
          type="search"
          value={filter.text}
          placeholder="words to look for"
          onInput={(event) => set({ text: event.currentTarget.value })}
        />
      </label>
      <Choice
        label="Service"
        value={filter.service}
        options={[...services.value.keys()].toSorted()}
        onChange={(service) => set({ service })}
      />
      <Choice label="Node" value={filter.node} options={names} onChange={(node) => set({ node })} />
      <label>
        Severity
        <select
          value={filter.severity}
          onChange={(event) => set({ severity: severityIn(event.currentTarget.value) })}
        >
          <option value="">all</option>
          <option value="warn">warnings</option>
          <option value="info">ordinary</option>
        </select>
      </label>
      {isFiltering(filter) && (
        <button type="button" class="quiet" onClick={() => go(hrefOf("events"))}>
          Show all
        </button>
      )}
    </form>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly string[];
  onChange: (value: string) => void;
}

/** One of what there is, or what the address says though it is there no more. */
function Choice({ label, value, options, onChange }: ChoiceProps) {
  const all = value === "" || options.includes(value) ? options : [value, ...options];
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">all</option>
        {all.map((option) => <option key={option} value={option}>{printable(option)}</option>)}
      </select>
    </label>
  );
}

/** All that is known, and what fetches more of what was before, page by page until it is enough. */
function useHistory() {
  const known = useRef(historyOf([]));
  known.current = withLast(known.current, events.value);
  const busy = useSignal(false);
  const refusal = useSignal("");
  const fetchOlder = async (isEnough: (history: EventHistory) => boolean) => {
    if (busy.peek()) return;
    busy.value = true;
    refusal.value = "";
    try {
      for (let pages = 0; pages < PAGES_AT_ONCE && !isEnough(known.current); pages++) {
        const { before } = known.current;
        if (before === undefined) break;
        const page = await olderThan(client, before, { signal: new AbortController().signal });
        known.current = withOlder(known.current, page);
      }
    } catch (error) {
      refusal.value = refusalIn(error);
    } finally {
      busy.value = false;
    }
  };
  return { history: known.current, busy, refusal, fetchOlder };
}

function commandOf({ service, node }: EventFilter): string {
  const asked = [service && `--service ${shellWord(service)}`, node && `--node ${shellWord(node)}`];
  return ["controller events -f", ...asked.filter(Boolean)].join(" ");
}
