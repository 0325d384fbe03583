/**
 * The operations on single replicas, and what is seen of the cluster as it goes: events, changes, usage, explanations.
 * @module
 */
import { EventList, EventView, LogLine, pageOf, ReplicaView } from "../api.ts";
import { ExplainedKind, ExplainView } from "../explain.ts";
import { ReplicaSignalled, ReplicaWritten, SignalReplica } from "../replica_signal.ts";
import { UsageView } from "../usage.ts";
import { WatchMessage } from "../watch.ts";
import type { Operation } from "./operation.ts";
import { DRY_RUN, EVENT_ID, LIMIT, LINES, oneOf, PAGE, TEXT } from "./query.ts";

const tag = "Replicas";

export const REPLICA_OPERATIONS = {
  listReplicas: {
    tag,
    summary: "All replicas, by service and slot",
    query: { ...PAGE, service: TEXT, node: TEXT },
    answer: { schema: pageOf(ReplicaView) },
  },
  getReplica: { tag, summary: "A replica", answer: { schema: ReplicaView } },
  restartReplica: {
    tag,
    summary: "Restart it in place",
    query: DRY_RUN,
    answer: { schema: ReplicaWritten, status: [202] },
  },
  stopReplica: {
    tag,
    summary: "Withdraw and stop it; the scale stays, so that another one takes its slot",
    query: DRY_RUN,
    answer: { schema: ReplicaWritten, status: [202] },
  },
  signalReplica: {
    tag,
    summary: "Send its process a signal",
    query: DRY_RUN,
    body: { schema: SignalReplica, example: '{"signal":"SIGHUP"}' },
    answer: { schema: ReplicaSignalled, status: [202] },
  },
  readReplicaLogs: {
    tag,
    summary: "Its lines",
    query: LINES,
    answer: { schema: LogLine, media: "application/x-ndjson" },
  },
  listEvents: {
    tag: "Events",
    summary: "What happened, and why; as an event stream when text/event-stream is accepted",
    details: "A stream resumes after Last-Event-ID, and says by an event named gone that some are no longer kept.",
    query: { after: EVENT_ID, limit: LIMIT },
    answer: { schema: EventList, events: EventView },
  },
  watch: {
    tag: "Events",
    summary: "The cluster as it is, and then every change, as an event stream",
    query: { after: EVENT_ID },
    answer: { schema: WatchMessage, media: "text/event-stream" },
  },
  getUsage: {
    tag: "Events",
    summary: "What nodes and replicas use of processor and memory",
    query: { service: TEXT, node: TEXT, only: oneOf("nodes") },
    answer: { schema: UsageView },
  },
  explain: {
    tag: "Events",
    summary: "Why a service, a replica or a node is as it is",
    query: { kind: oneOf(...ExplainedKind.options) },
    answer: { schema: ExplainView },
  },
} as const satisfies Readonly<Record<string, Operation>>;
