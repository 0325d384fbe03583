/**
 * `controller rebalance`: what runs is spread over all nodes anew, a few replicas at a time.
 * @module
 */
import type { Rebalance } from "../../wire/rebalance.ts";
import { plain, table, type TableStyle } from "../render/table.ts";
import { command, DRY_RUN } from "./command.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";

const COLUMNS = ["REPLICA", "FROM", "TO", "WHY"].map((title) => ({ title }));

export const rebalance = command({
  name: "rebalance",
  summary: "spread what runs over all nodes anew",
  details:
    "Each replica moves only when its successor is ready. The moves are made one after another, as long as they " +
    'are still worth it; "controller events -f" tells of each.',
  flags: DRY_RUN,
  examples: [{ line: "controller rebalance --dry-run", does: "see what would move" }],
  act: async (call) => {
    const { client, show, signal, flags: { dryRun } } = call;
    const answer = await client.rebalance({ query: { dry_run: dryRun } }, { signal });
    await show(answer, (screen) => page(answer, screen));
    if (dryRun) await noteRehearsal(call);
  },
});

function page({ moves }: Rebalance, style: TableStyle): string {
  if (moves.length === 0) return "Nothing to move: all nodes have their share.\n";
  const rows = moves.map(({ service, slot, from, to, reason }) => [`${service}.${slot}`, from, to, reason].map(plain));
  return table(COLUMNS, rows, style);
}
