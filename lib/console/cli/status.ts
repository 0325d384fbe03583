/**
 * `controller status`: the cluster at a glance. First the services, then each replica, then why some are not ready, then
 * the nodes.
 * @module
 */
import { skewOf } from "../../cluster/version_skew.ts";
import { formatDuration } from "../../runtime/duration.ts";
import type { Status, StatusNode, StatusReplica } from "../../wire/api.ts";
import type { Tone } from "../render/paint.ts";
import { type Cell, plain, table, type TableStyle } from "../render/table.ts";
import { command } from "./command.ts";

export const status = command({
  name: "status",
  summary: "services, replicas and nodes at a glance",
  flags: {},
  act: async ({ client, show, signal }) => {
    const found = await client.getStatus({}, { signal });
    await show(found, (screen) => page(found, screen));
  },
});

function page({ cluster, services, nodes }: Status, style: TableStyle): string {
  const nodeNames = new Map(nodes.map(({ id, name }) => [id, name]));
  const replicas = services.flatMap(({ name, replicas }) =>
    replicas.map((replica) => ({ ...replica, name: `${name}.${replica.slot}` }))
  );
  const sections = [
    servicesTable(services, style),
    replicas.length > 0 && replicasTable(replicas, { ...style, nodeNames }),
    replicas.some(({ ready }) => !ready) && reasonsTable(replicas, style),
    nodes.length > 0
      ? nodesTable(nodes, { ...style, version: cluster.version })
      : "No nodes yet: add one with POST /add-node, or start an agent with --controller.\n",
    `leader ${cluster.leader}, epoch ${cluster.epoch}, revision ${cluster.revision}, version ${cluster.version}\n`,
  ];
  return sections.filter((section) => section !== false).join("\n");
}

function servicesTable(services: Status["services"], style: TableStyle): string {
  const columns = [
    { title: "SERVICE" },
    { title: "READY", align: "right" },
    { title: "WANTED", align: "right" },
    { title: "GENERATION", align: "right" },
  ] as const;
  const rows = services.map(({ name, ready, desired, generation }): Cell[] => [
    plain(name),
    { text: String(ready), tone: ready < desired ? "warning" : "good" },
    plain(desired),
    plain(generation),
  ]);
  return table(columns, rows, style);
}

type NamedReplica = StatusReplica & { name: string };

function replicasTable(
  replicas: readonly NamedReplica[],
  { nodeNames, ...style }: TableStyle & { nodeNames: ReadonlyMap<string, string> },
): string {
  const columns = [
    { title: "REPLICA" },
    { title: "NODE" },
    { title: "STATE" },
    { title: "PID", align: "right" },
    { title: "PORT", align: "right" },
    { title: "UPTIME", align: "right" },
    { title: "RESTARTS", align: "right" },
  ] as const;
  const rows = replicas.map(({ name, node, pid, port, uptime_s, restarts, ...replica }) => [
    plain(name),
    plain(nodeNames.get(node) ?? node),
    stateOf(replica),
    plain(pid ?? ""),
    plain(port ?? ""),
    plain(uptime_s === null ? "" : formatDuration(uptime_s * 1_000)),
    plain(restarts),
  ]);
  return table(columns, rows, style);
}

function reasonsTable(replicas: readonly NamedReplica[], style: TableStyle): string {
  const rows = replicas.filter(({ ready }) => !ready).map(({ name, reason }) => [plain(name), plain(reason)]);
  return table([{ title: "NOT READY" }, { title: "WHY" }], rows, style);
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
  const rows = nodes.map(({ name, status, replicas, last_seen_s, version, url }): Cell[] => [
    plain(name),
    { text: status, tone: NODE_TONES[status] },
    plain(replicas),
    plain(last_seen_s === null ? "never" : `${formatDuration(last_seen_s * 1_000)} ago`),
    versionCell(version, own),
    plain(url),
  ]);
  return table(columns, rows, style);
}

function versionCell(version: string | null, own: string): Cell {
  const skew = skewOf(version ?? undefined, own);
  return skew === null ? plain(version ?? "") : { text: `${version} ${skew}`, tone: "warning" };
}

const NODE_TONES: Readonly<Record<StatusNode["status"], Tone>> = {
  pending: "faint",
  ready: "good",
  suspect: "warning",
  lost: "bad",
};

/** A running replica is told by whether it is ready, which is what one wants to know. */
function stateOf({ phase, ready }: Pick<StatusReplica, "phase" | "ready">): Cell {
  if (ready) return { text: "ready", tone: "good" };
  return { text: phase, tone: phase === "lost" || phase === "exited" ? "bad" : "warning" };
}
