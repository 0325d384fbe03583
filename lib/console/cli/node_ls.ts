/**
 * `controller node ls`: the nodes, those that need a look first: how they are, what they carry and what is reserved of
 * what they have.
 * @module
 */
import { formatDuration } from "../../runtime/duration.ts";
import type { NodeView } from "../../wire/api.ts";
import { allPages } from "../../wire/client/pages.ts";
import { mebibytes, rounded } from "../render/amount.ts";
import { conditionOfNode, worstFirst } from "../render/condition.ts";
import { reasons } from "../render/reasons.ts";
import { type Cell, plain, table, type TableStyle } from "../render/table.ts";
import { command } from "./command.ts";

const COLUMNS = [
  { title: "NODE" },
  { title: "STATUS" },
  { title: "REPLICAS", align: "right" },
  { title: "CORES", align: "right" },
  { title: "MEMORY", align: "right" },
  { title: "SEEN", align: "right" },
  { title: "VERSION" },
  { title: "LABELS" },
] as const;

export const nodeLs = command({
  name: "node ls",
  summary: "the nodes: how they are, what they carry and have left",
  details: "Cores and memory are what is reserved there, of what there is.",
  flags: {},
  act: async ({ client, show, signal }) => {
    const nodes = await allPages((query) => client.listNodes({ query }, { signal }));
    await show(nodes, (screen) => page(nodes, screen));
  },
});

function page(nodes: readonly NodeView[], style: TableStyle): string {
  if (nodes.length === 0) {
    return 'No nodes yet: "controller node add <url>" adds one, and so does an agent that starts with --controller.\n';
  }
  const sorted = worstFirst(nodes, conditionOfNode);
  const drains = sorted.flatMap(({ name, drain }) => drain === null ? [] : [{ name, text: drainText(drain) }]);
  const draining = drains.length === 0 ? "" : `\n${reasons(["DRAINING", "HOW FAR"], drains, style)}`;
  return `${table(COLUMNS, sorted.map(cellsOf), style)}${draining}`;
}

function cellsOf(node: NodeView): Cell[] {
  const { name, replicas, reserved, capacity, last_seen_s, version, skew, labels } = node;
  const { word, tone } = conditionOfNode(node);
  return [
    plain(name),
    { text: word, tone },
    plain(replicas),
    plain(`${rounded(reserved.cpu)}/${rounded(capacity.cpu)}`),
    plain(`${mebibytes(reserved.memory)}/${mebibytes(capacity.memory)}`),
    plain(last_seen_s === null ? "never" : formatDuration(last_seen_s * 1_000)),
    skew === null ? plain(version ?? "") : { text: `${version} ${skew}`, tone: "warning" },
    { text: Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(" "), tone: "faint" },
  ];
}

function drainText({ moved, remaining, overdue, waiting }: NonNullable<NodeView["drain"]>): string {
  const progress = `${moved} moved, ${remaining} left${overdue ? ", overdue" : ""}`;
  return [progress, ...waiting].join("; ");
}
