/**
 * The picture of `top`: the nodes with what is reserved beside what is used, and below them the replicas, as many as the
 * terminal has lines for.
 * @module
 */
import { bytes, cores, counted, mebibytes, rounded } from "../../render/amount.ts";
import { moment } from "../../render/moment.ts";
import { paint, type Tone } from "../../render/paint.ts";
import { sparkline } from "../../render/sparkline.ts";
import { conditionOfNode } from "../../render/condition.ts";
import { type Cell, type Column, cut, plain, table, type TableStyle } from "../../render/table.ts";
import type { UsageView } from "../../../wire/usage.ts";
import { printableLine } from "../../../runtime/sanitize.ts";
import type { Sample } from "../top.ts";
import type { UsageHistory } from "./usage_history.ts";

export type Sort = "cpu" | "memory" | "name";

export interface TopOptions {
  sort: Sort;
  history: UsageHistory;
  /** Why this isn't how it is now, if so. */
  trouble?: string;
}

/** Of the last minute, so that six seconds are a column. */
const SPARK_COLUMNS = 10;
/** Who is at rest has no mountains: a column is never full for less. */
const SPARK_CORES_MIN = 0.1;
const SAMPLES_PER_COLUMN = 60 / SPARK_COLUMNS;
/** Lines that are neither a node nor a replica. */
const FRAME_LINES = 7;
const NODE_LINES_MIN = 3;
/** Used from there on is a lot. */
const MUCH = 0.9;

/** Without a height all of it, else what fits. */
export function topPage(
  { usage, nodes }: Sample,
  screen: TableStyle & { height: number | undefined },
  { sort, history, trouble = "" }: TopOptions,
): string {
  const { height, ...style } = { width: screen.width, colours: screen.colours, height: screen.height };
  const lines = height === undefined || style.width === undefined ? Infinity : Math.max(0, height - FRAME_LINES);
  const nodeLines = Math.min(nodes.length, Math.max(NODE_LINES_MIN, Math.floor(lines / 3)));
  const sorted = usage.replicas.toSorted(ORDERS[sort]);
  const shown = sorted.slice(0, Math.max(0, lines - nodeLines));
  const nodeNames = new Map(nodes.map(({ id, name }) => [id, name]));
  const beyond = sorted.length - shown.length;
  const silent = usage.silent.length === 0 ? "" : `no figures from ${usage.silent.join(", ")}`;
  const head = `${moment(usage.at)} UTC  ${counted(nodes.length, "node")}, ${
    counted(sorted.length, "replica")
  }, by ${sort}`;
  const said = [head, silent, trouble].filter(Boolean).map(printableLine).join("  ");
  return [
    `${
      paint(style.width === undefined ? said : cut(said, style.width), trouble || silent ? "warning" : "heading", style)
    }\n`,
    table(NODE_COLUMNS, nodes.slice(0, nodeLines).map((node) => nodeCells(node, { usage, history })), style),
    table(REPLICA_COLUMNS, shown.map((replica) => replicaCells(replica, { nodeNames, history })), style) +
    (beyond > 0 ? `${paint(`and ${beyond} more`, "faint", style)}\n` : ""),
  ].join("\n");
}

type ReplicaUsage = UsageView["replicas"][number];

const ORDERS: Readonly<Record<Sort, (a: ReplicaUsage, b: ReplicaUsage) => number>> = {
  cpu: (a, b) => (b.cpu ?? -1) - (a.cpu ?? -1) || byName(a, b),
  memory: (a, b) => (b.memory_bytes ?? -1) - (a.memory_bytes ?? -1) || byName(a, b),
  name: byName,
};

/** `web.2` before `web.10`. */
function byName(a: ReplicaUsage, b: ReplicaUsage): number {
  return a.name.localeCompare(b.name, "en", { numeric: true });
}

const NODE_COLUMNS: readonly Column[] = [
  { title: "NODE" },
  { title: "STATUS" },
  { title: "CORES", align: "right" },
  { title: "RESERVED", align: "right" },
  { title: "MEMORY", align: "right" },
  { title: "RESERVED", align: "right" },
  { title: "LAST MINUTE" },
];

const REPLICA_COLUMNS: readonly Column[] = [
  { title: "REPLICA" },
  { title: "NODE" },
  { title: "CORES", align: "right" },
  { title: "MEMORY", align: "right" },
  { title: "LAST MINUTE" },
];

function nodeCells(
  node: Sample["nodes"][number],
  { usage, history }: { usage: UsageView; history: UsageHistory },
): Cell[] {
  const { id, name, reserved, capacity } = node;
  const { cpu = null, memory_bytes = null } = usage.nodes.find((each) => each.id === id) ?? {};
  const { word, tone } = conditionOfNode(node);
  return [
    plain(name),
    { text: word, tone },
    { text: cores(cpu), tone: toneOf(cpu, capacity.cpu) },
    plain(`${rounded(reserved.cpu)}/${rounded(capacity.cpu)}`),
    { text: bytes(memory_bytes), tone: toneOf(memory_bytes, capacity.memory * 1_048_576) },
    plain(`${mebibytes(reserved.memory)}/${mebibytes(capacity.memory)}`),
    plain(spark(history.of(id), capacity.cpu)),
  ];
}

function replicaCells(
  { id, name, node, cpu, memory_bytes }: ReplicaUsage,
  { nodeNames, history }: { nodeNames: ReadonlyMap<string, string>; history: UsageHistory },
): Cell[] {
  const samples = history.of(id);
  return [
    plain(name),
    plain(nodeNames.get(node) ?? node),
    plain(cores(cpu)),
    plain(bytes(memory_bytes)),
    plain(spark(samples, samples.reduce<number>((most, each) => Math.max(most, each ?? 0), SPARK_CORES_MIN))),
  ];
}

function toneOf(used: number | null, capacity: number): Tone {
  return used !== null && capacity > 0 && used / capacity >= MUCH ? "warning" : "plain";
}

/** Each column stands for several seconds and shows the most of them. */
function spark(samples: readonly (number | null)[], most: number): string {
  if (samples.length < 2) return "";
  const columns: (number | null)[] = [];
  for (let end = samples.length; end > 0; end -= SAMPLES_PER_COLUMN) {
    const known = samples.slice(Math.max(0, end - SAMPLES_PER_COLUMN), end).filter((value) => value !== null);
    columns.unshift(known.length === 0 ? null : Math.max(...known));
  }
  return sparkline(columns, { width: SPARK_COLUMNS, most });
}
