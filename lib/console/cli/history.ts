/**
 * `controller history <service>`: what a service was, the newest first: when, by whom, what changed, and how it went.
 * @module
 */
import type { GenerationView } from "../../wire/change.ts";
import { allPages } from "../../wire/client/pages.ts";
import { moment } from "../render/moment.ts";
import { type Cell, plain, table, type TableStyle } from "../render/table.ts";
import { command } from "./command.ts";
import { given } from "./changing/given.ts";

const COLUMNS = [
  { title: "GENERATION", align: "right" },
  { title: "WHEN" },
  { title: "BY" },
  { title: "WHY" },
  { title: "STATE" },
  { title: "CHANGED" },
] as const;

export const history = command({
  name: "history",
  summary: "what a service was: when, by whom, what changed",
  details: 'Each accepted change makes a generation. "controller rollback" goes back to one that is good.',
  words: [{ name: "service", kind: "service" }],
  flags: {},
  act: async ({ client, words: [word], show, signal }) => {
    const name = given(word, 'Cannot show a history: say of which service; "controller ls" lists them');
    const generations = await allPages((query) => client.listGenerations({ name, query }, { signal }));
    await show(generations, (screen) => page(generations, screen));
  },
});

function page(generations: readonly GenerationView[], style: TableStyle): string {
  const rows = generations.map(({ generation, at, by, cause, changes, ...rest }): Cell[] => [
    plain(generation),
    { text: at === null ? "" : moment(at), tone: "faint" },
    plain(by ?? ""),
    plain(cause),
    stateOf(rest),
    plain(changes.join(", ")),
  ]);
  return table(COLUMNS, rows, style);
}

function stateOf({ present, failed }: Pick<GenerationView, "present" | "failed">): Cell {
  if (failed) return { text: present ? "failed, present" : "failed", tone: "bad" };
  return present ? { text: "present", tone: "good" } : plain("good");
}
