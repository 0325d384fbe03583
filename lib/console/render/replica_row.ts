/**
 * A replica as a row of a table: how it is, where it runs and since when.
 * @module
 */
import { formatDuration } from "../../runtime/duration.ts";
import type { StatusReplica } from "../../wire/api.ts";
import { conditionOfReplica } from "./condition.ts";
import { type Cell, type Column, plain } from "./table.ts";

export const REPLICA_COLUMNS: readonly Column[] = [
  { title: "REPLICA" },
  { title: "NODE" },
  { title: "STATE" },
  { title: "PID", align: "right" },
  { title: "PORT", align: "right" },
  { title: "UPTIME", align: "right" },
  { title: "RESTARTS", align: "right" },
];

type Shown =
  & Pick<StatusReplica, "phase" | "ready" | "pid" | "port" | "uptime_s" | "restarts">
  & { name: string; node_name: string };

/** The cells below those columns. */
export function replicaCells({ name, node_name, pid, port, uptime_s, restarts, ...replica }: Shown): Cell[] {
  const { word, tone } = conditionOfReplica(replica);
  return [
    plain(name),
    plain(node_name),
    { text: word, tone },
    plain(pid ?? ""),
    plain(port ?? ""),
    plain(uptime_s === null ? "" : formatDuration(uptime_s * 1_000)),
    { text: String(restarts), tone: restarts > 0 ? "warning" : "plain" },
  ];
}
