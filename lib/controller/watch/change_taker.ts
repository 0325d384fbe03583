/**
 * Takes what was touched out of the state and makes views of it. Of each view is remembered how it was told last, so that
 * one that only looks touched is left out; what the core doesn't note, which is who waits for what, is compared here. A
 * message is bounded: when everything changes at once, the rest follows with the next ones.
 * @module
 */
import { isTouched } from "../../cluster/touched.ts";
import type { EventView, NodeView, ReplicaView, ServiceView } from "../../wire/api.ts";
import type { ClusterView } from "../../wire/watch.ts";
import { nodeView, replicaView, serviceView } from "../api/views.ts";
import { EVENTS_MAX } from "../history.ts";
import { clusterView, isStill } from "./cluster_view.ts";
import type { Changes } from "./message.ts";
import { newsIn } from "./news_in.ts";
import type { SnapshotSource } from "./snapshot.ts";

/** Services, nodes and replicas in one message. */
export const VIEWS_MAX = 2_000;

type View = ServiceView | NodeView | ReplicaView;

export class ChangeTaker {
  readonly #source: SnapshotSource;
  /** How things were told last, by kind and name: of no more things than there are. */
  readonly #told = new Map<string, string>();
  #cluster: ClusterView;
  #last: number;
  #waits: ReturnType<SnapshotSource["waits"]>;
  /** What each service waits for. */
  #waiting: Map<string, string>;

  constructor(source: SnapshotSource) {
    this.#source = source;
    this.#cluster = clusterView(source);
    this.#last = source.history.last;
    this.#waits = source.waits();
    this.#waiting = waitingIn(this.#waits);
  }

  /** Whether anything may have changed; asked with every input of the loop. */
  hasNews(): boolean {
    const { state: { touched }, history, waits } = this.#source;
    return (touched !== undefined && isTouched(touched)) || history.last !== this.#last || waits() !== this.#waits ||
      !isStill(this.#cluster, this.#source);
  }

  /** What has changed since the last time. `repeats`: also what looks as it did then. */
  take({ repeats }: { repeats: boolean }): Changes {
    this.#touchWaiting();
    const source = this.#source;
    const { state } = source;
    const { services = new Set<string>(), nodes = new Set<string>(), replicas = new Map<string, string>() } =
      state.touched ?? {};
    const isNews = (key: string, view: View) => this.#isNews(key, view) || repeats;
    const served = taken(services, VIEWS_MAX);
    const hosts = taken(nodes, VIEWS_MAX - served.length);
    const embodied = taken(replicas, VIEWS_MAX - served.length - hosts.length);
    return {
      cluster: this.#takeCluster(),
      services: served.flatMap((name) => state.services.get(name) ?? []).map((service) => serviceView(source, service))
        .filter((view) => isNews(`service/${view.name}`, view)),
      nodes: hosts.flatMap((id) => state.nodes.get(id) ?? []).map((node) => nodeView(source, node))
        .filter((view) => isNews(`node/${view.id}`, view)),
      replicas: embodied.flatMap(([id]) => state.replicas.get(id) ?? []).map((replica) => replicaView(source, replica))
        .filter((view) => isNews(`replica/${view.id}`, view)),
      events: this.#takeEvents(),
      removed: {
        services: served.filter((name) => this.#isGone(`service/${name}`, state.services.has(name))),
        nodes: hosts.filter((id) => this.#isGone(`node/${id}`, state.nodes.has(id))),
        replicas: embodied.filter(([id]) => this.#isGone(`replica/${id}`, state.replicas.has(id))),
      },
      touchedNodes: hosts,
    };
  }

  #isNews(key: string, view: View): boolean {
    const news = newsIn(view);
    if (this.#told.get(key) === news) return false;
    this.#told.set(key, news);
    return true;
  }

  #isGone(key: string, isThere: boolean): boolean {
    if (!isThere) this.#told.delete(key);
    return !isThere;
  }

  #takeCluster(): ClusterView | undefined {
    if (isStill(this.#cluster, this.#source)) return undefined;
    return this.#cluster = clusterView(this.#source);
  }

  #takeEvents(): EventView[] {
    const { history } = this.#source;
    const { events } = history.since(this.#last, { limit: EVENTS_MAX });
    this.#last = history.last;
    return events;
  }

  /** A plan says anew what waits. What of it has changed is seen with its service, and with every node that is emptied. */
  #touchWaiting(): void {
    const { state: { touched, nodes }, waits } = this.#source;
    if (waits() === this.#waits || touched === undefined) return;
    this.#waits = waits();
    const before = this.#waiting;
    this.#waiting = waitingIn(this.#waits);
    const names = new Set([...before.keys(), ...this.#waiting.keys()]);
    const changed = [...names].filter((name) => before.get(name) !== this.#waiting.get(name));
    for (const name of changed) touched.services.add(name);
    if (changed.length === 0) return;
    for (const [id, { drain }] of nodes) if (drain !== undefined) touched.nodes.add(id);
  }
}

function waitingIn(waits: ReturnType<SnapshotSource["waits"]>): Map<string, string> {
  const waiting = new Map<string, string>();
  for (const { service, slot, reason } of waits) {
    waiting.set(service, `${waiting.get(service) ?? ""}${slot} ${reason}\n`);
  }
  return waiting;
}

/** Takes so many of the entries away. */
function taken<T>(entries: Iterable<T> & { delete(key: unknown): boolean }, most: number): T[] {
  const found: T[] = [];
  for (const entry of entries) {
    if (found.length >= most) break;
    found.push(entry);
    entries.delete(Array.isArray(entry) ? entry[0] : entry);
  }
  return found;
}
