/**
 * The cluster as it is, as the first message of who watches it. It is written in pieces, so that of a large cluster
 * neither the whole text is ever in memory nor the controller stands still for it. What changes between two pieces is
 * told by the messages after it, which the hub does not leave out meanwhile.
 * @module
 */
import type { EventView } from "../../wire/api.ts";
import type { ApiContext } from "../api/context.ts";
import { replicasOf, replicaView, serviceView } from "../api/views.ts";
import { EVENTS_MAX } from "../history.ts";
import { covers } from "../people/principal.ts";
import { clusterView } from "./cluster_view.ts";
import { ownNodeView, seesEvent } from "./own_view.ts";
import type { Watcher } from "./watcher.ts";

/** Events that are shown to who asks for none in particular. */
const EVENTS_SHOWN = 50;
const PIECE_CHARS = 64 * 1_024;

export type SnapshotSource = Pick<
  ApiContext,
  "state" | "clock" | "waits" | "leader" | "history" | "isStoreFull"
>;

export interface SnapshotWanted {
  watcher: Watcher;
  /** The id of the last event that they know. */
  after: number | undefined;
}

interface Snapshot {
  /** The id of the last event that it tells. */
  last: number;
  /** Each is made as it is taken. */
  pieces: Generator<string>;
}

export function snapshotOf(source: SnapshotSource, { watcher, after }: SnapshotWanted): Snapshot {
  const { last } = source.history;
  const cluster = JSON.stringify(clusterView(source));
  const { events, gone } = eventsFor(source, { watcher, after });
  const head = `id: ${last}\ndata: {"kind":"snapshot","cluster":${cluster},"gone":${gone},` +
    `"events":${JSON.stringify(events)},"services":[`;
  return { last, pieces: inPieces(textsOf(source, { watcher, head })) };
}

function* textsOf(source: SnapshotSource, { watcher, head }: { watcher: Watcher; head: string }): Generator<string> {
  const names = [...source.state.services.keys()].filter((name) => covers(watcher.who, name)).toSorted();
  // While it is read, nodes come and go.
  const nodes = source.state.nodesByName.map(({ record }) => record.id);
  yield head;
  yield* joined(serviceViews(source, names));
  yield '],"nodes":[';
  yield* joined(nodeViews(source, { watcher, nodes }));
  yield '],"replicas":[';
  yield* joined(replicaViews(source, names));
  yield "]}\n\n";
}

function* serviceViews(source: SnapshotSource, names: readonly string[]) {
  for (const name of names) {
    const service = source.state.services.get(name);
    if (service !== undefined) yield serviceView(source, service);
  }
}

function* nodeViews(source: SnapshotSource, { watcher, nodes }: { watcher: Watcher; nodes: readonly string[] }) {
  for (const id of nodes) {
    const view = ownNodeView(source, id, watcher.who);
    if (view === undefined) continue;
    watcher.knows(view);
    yield view;
  }
}

function* replicaViews(source: SnapshotSource, names: readonly string[]) {
  const { state } = source;
  for (const name of names) {
    const service = state.services.get(name);
    for (const replica of service === undefined ? [] : replicasOf(state, service)) yield replicaView(source, replica);
  }
}

function eventsFor(
  { history }: SnapshotSource,
  { watcher: { who }, after }: SnapshotWanted,
): { events: EventView[]; gone: boolean } {
  if (after === undefined) {
    return { events: history.latest((event) => seesEvent(who, event), EVENTS_SHOWN), gone: false };
  }
  const { events, gone } = history.since(after, { limit: EVENTS_MAX });
  return { events: events.filter((event) => seesEvent(who, event)), gone };
}

function* joined(views: Iterable<unknown>): Generator<string> {
  let between = "";
  for (const view of views) {
    yield between + JSON.stringify(view);
    between = ",";
  }
}

/** The same text in pieces of some size. */
function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece = "";
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE_CHARS) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}
