/**
 * `controller status`: the cluster at a glance, what needs a look first. The services, then their replicas, why some are
 * not ready, and the nodes; of a large cluster what is well is counted, and `ls`, `ps` and `node ls` have the rest.
 * @module
 */
import { skewOf } from "../../cluster/version_skew.ts";
import { formatDuration } from "../../runtime/duration.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import type { Status, StatusNode, StatusReplica } from "../../wire/api.ts";
import { paint } from "../render/paint.ts";
import { conditionOfNode, conditionOfReplica, conditionOfService, worstFirst } from "../render/condition.ts";
import { reasons } from "../render/reasons.ts";
import { REPLICA_COLUMNS, replicaCells } from "../render/replica_row.ts";
import { SERVICE_COLUMNS, serviceCells } from "../render/service_row.ts";
import { type Cell, cut, plain, table, type TableStyle } from "../render/table.ts";
import { command } from "./command.ts";

/** Of each kind so many are shown to a person. */
const ROWS_MAX = 20;

export const status = command({
  name: "status",
  summary: "services, replicas and nodes at a glance",
  details: `What needs a look comes first. Of each kind the first ${ROWS_MAX} are shown: "controller ls", ` +
    `"controller ps" and "controller node ls" show all.`,
  flags: {},
  act: async ({ client, show, signal }) => {
    const found = await client.getStatus({}, { signal });
    await show(found, (screen) => page(found, screen));
  },
});

type NamedReplica = StatusReplica & { name: string };

function page({ cluster, services, nodes }: Status, style: TableStyle): string {
  const nodeNames = new Map(nodes.map(({ id, name }) => [id, name]));
  const replicas = worstFirst(
    services.flatMap(({ name, replicas }) =>
      replicas.map((replica): NamedReplica => ({ ...replica, name: `${name}.${replica.slot}` }))
    ),
    conditionOfReplica,
  );
  const unready = replicas.filter(({ ready }) => !ready);
  const { version, leader, epoch, revision } = cluster;
  const sections = [
    some(worstFirst(services, conditionOfService), style, { show: servicesTable, all: "ls" }),
    replicas.length > 0 &&
    some(replicas, style, { show: (shown) => replicasTable(shown, { ...style, nodeNames }), all: "ps" }),
    unready.length > 0 && reasonsTable(unready.slice(0, ROWS_MAX), style),
    nodes.length > 0
      ? some(worstFirst(nodes, conditionOfNode), style, {
        show: (shown) => nodesTable(shown, { ...style, version }),
        all: "node ls",
      })
      : 'No nodes yet: "controller node add <url>" adds one, and so does an agent that starts with --controller.\n',
    `${
      paint(lineOf(`leader ${leader}, epoch ${epoch}, revision ${revision}, version ${version}`, style), "faint", style)
    }\n`,
  ];
  return sections.filter((section) => section !== false).join("\n");
}

function lineOf(text: string, { width }: TableStyle): string {
  const line = printableLine(text);
  return width === undefined ? line : cut(line, width);
}

interface Shown<T> {
  show: (items: readonly T[], style: TableStyle) => string;
  /** The command that shows the rest. */
  all: string;
}

/** The first of them, and how many there are beyond. */
function some<T>(items: readonly T[], style: TableStyle, { show, all }: Shown<T>): string {
  const beyond = items.length - ROWS_MAX;
  const rest = beyond > 0 ? paint(`and ${beyond} more: controller ${all}`, "faint", style) + "\n" : "";
  return show(items.slice(0, ROWS_MAX), style) + rest;
}

function servicesTable(services: readonly Status["services"][number][], style: TableStyle): string {
  return table(SERVICE_COLUMNS, services.map((service) => serviceCells(service, style)), style);
}

function replicasTable(
  replicas: readonly NamedReplica[],
  { nodeNames, ...style }: TableStyle & { nodeNames: ReadonlyMap<string, string> },
): string {
  const rows = replicas.map((replica) =>
    replicaCells({ ...replica, node_name: nodeNames.get(replica.node) ?? replica.node })
  );
  return table(REPLICA_COLUMNS, rows, style);
}

function reasonsTable(replicas: readonly NamedReplica[], style: TableStyle): string {
  return reasons(["NOT READY", "WHY"], replicas.map(({ name, reason }) => ({ name, text: reason })), style);
}

function nodesTable(
  nodes: readonly StatusNode[],
  { version: own, ...style }: TableStyle & { version: string },
): string {
  const columns = [
    { title: "NODE" },
    { title: "STATUS" },
    { title: "REPLICAS", align: "right" },
    { title: "SEEN", align: "right" },
    { title: "VERSION" },
    { title: "URL" },
  ] as const;
  const rows = nodes.map((node): Cell[] => {
    const { name, replicas, last_seen_s, version, url } = node;
    const { word, tone } = conditionOfNode(node);
    return [
      plain(name),
      { text: word, tone },
      plain(replicas),
      plain(last_seen_s === null ? "never" : `${formatDuration(last_seen_s * 1_000)} ago`),
      versionCell(version, own),
      plain(url),
    ];
  });
  return table(columns, rows, style);
}

function versionCell(version: string | null, own: string): Cell {
  const skew = skewOf(version ?? undefined, own);
  return skew === null ? plain(version ?? "") : { text: `${version} ${skew}`, tone: "warning" };
}
