/**
 * `controller ps [service]`: every replica, those that need a look first: where it runs, since when, and what it uses.
 * @module
 */
import { text } from "../../runtime/flag.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import type { ReplicaView } from "../../wire/api.ts";
import { allPages } from "../../wire/client/pages.ts";
import { bytes, cores } from "../render/amount.ts";
import { conditionOfReplica, worstFirst } from "../render/condition.ts";
import { reasons } from "../render/reasons.ts";
import { REPLICA_COLUMNS, replicaCells } from "../render/replica_row.ts";
import { type Cell, type Column, plain, table, type TableStyle } from "../render/table.ts";
import { command } from "./command.ts";
import { usageKnown } from "./using/usage_known.ts";

/** A replica with what it uses; null where that isn't known. */
type Shown = ReplicaView & { cpu: number | null; memory_bytes: number | null };

export const ps = command({
  name: "ps",
  summary: "the replicas: where they run, since when, what they use",
  words: [{ name: "service", kind: "service", optional: true }],
  flags: { node: text({ noEnv: true, help: "Only what is on this node, by name or id", placeholder: "<node>" }) },
  examples: [{ line: "controller ps web", does: "the replicas of web" }],
  act: async ({ client, words: [service], flags: { node }, show, signal }) => {
    const about = { ...(service !== undefined && { service }), ...(node !== undefined && { node }) };
    const replicas = await allPages((page) => client.listReplicas({ query: { ...page, ...about } }, { signal }));
    const usage = replicas.length === 0 ? undefined : await usageKnown(client, about, { signal });
    const used = new Map(usage?.replicas.map((each) => [each.id, each]));
    const shown = replicas.map((replica): Shown => {
      const { cpu = null, memory_bytes = null } = used.get(replica.id) ?? {};
      return { ...replica, cpu, memory_bytes };
    });
    await show(shown, (screen) => page(shown, screen, { service }));
  },
});

function page(replicas: readonly Shown[], style: TableStyle, { service }: { service: string | undefined }): string {
  if (replicas.length === 0) {
    return service === undefined
      ? 'Nothing runs: "controller scale <service>=<n>" says how many are wanted.\n'
      : `Nothing of it runs: "controller explain ${printableLine(service)}" says why.\n`;
  }
  const sorted = worstFirst(replicas, conditionOfReplica);
  const unready = sorted.filter(({ ready }) => !ready);
  const isMeasured = replicas.some(({ cpu, memory_bytes }) => cpu !== null || memory_bytes !== null);
  const columns = isMeasured ? [...REPLICA_COLUMNS, ...USAGE_COLUMNS] : REPLICA_COLUMNS;
  const rows = sorted.map((replica) => [...replicaCells(replica), ...(isMeasured ? usageOf(replica) : [])]);
  const whys = unready.map(({ name, reason }) => ({ name, text: reason }));
  const why = whys.length === 0 ? "" : `\n${reasons(["NOT READY", "WHY"], whys, style)}`;
  return `${table(columns, rows, style)}${why}`;
}

const USAGE_COLUMNS: readonly Column[] = [
  { title: "CPU", align: "right" },
  { title: "MEMORY", align: "right" },
];

function usageOf({ cpu, memory_bytes }: Shown): Cell[] {
  return [plain(cores(cpu)), plain(bytes(memory_bytes))];
}
