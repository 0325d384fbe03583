/**
 * The answer of `/status` as a table: a line per replica, a line per node.
 * @module
 */
import type { Screen } from "./screen.ts";
import type { SeenReplica } from "./cluster.ts";

const COLUMNS = [
  { title: "replica", width: 10 },
  { title: "node", width: 8 },
  { title: "state", width: 10 },
  { title: "pid", width: 9 },
  { title: "port", width: 7 },
  { title: "uptime", width: 8 },
  { title: "restarts", width: 8 },
] as const;

export function statusTable(replicas: readonly SeenReplica[], screen: Screen): string[] {
  const head = screen.dim(COLUMNS.map(({ title, width }) => title.padEnd(width)).join("").trimEnd());
  return [head, ...replicas.map((replica) => rowOf(replica, screen))];
}

function rowOf(replica: SeenReplica, screen: Screen): string {
  const { id, nodeName, phase, ready, pid, port, uptime_s, restarts } = replica;
  const uptime = uptime_s === null ? "" : `${uptime_s.toFixed(1)} s`;
  const [first, ...cells] = ["", nodeName, ready ? "ready" : phase, pid ?? "", port ?? "", uptime, restarts]
    .map((cell, index) => String(cell).padEnd(COLUMNS[index]!.width));
  // Padded before it is painted: what paints has no width.
  return `${screen.replica(id)}${first!.slice(id.slice(0, 8).length)}${cells.join("")}`.trimEnd();
}

/** How many replicas each node carries: `2 on alpha, 2 on beta`. */
export function spreadOf(replicas: readonly SeenReplica[]): string {
  const names = [...new Set(replicas.map(({ nodeName }) => nodeName))].toSorted();
  return names.map((name) => `${replicas.filter(({ nodeName }) => nodeName === name).length} on ${name}`).join(", ");
}
