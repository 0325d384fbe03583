/**
 * `controller ls`: the services, those that need a look first, each with how much of it is there and how its rollout goes.
 * @module
 */
import type { ServiceView } from "../../wire/api.ts";
import { allPages } from "../../wire/client/pages.ts";
import { conditionOfService, worstFirst } from "../render/condition.ts";
import { reasons } from "../render/reasons.ts";
import { SERVICE_COLUMNS, serviceCells } from "../render/service_row.ts";
import { type Cell, plain, table, type TableStyle } from "../render/table.ts";
import { command } from "./command.ts";

const COLUMNS = [...SERVICE_COLUMNS, { title: "ROLLOUT" }];

export const ls = command({
  name: "ls",
  summary: "the services: how many of each are ready, and their rollouts",
  flags: {},
  act: async ({ client, show, signal }) => {
    const services = await allPages((query) => client.listServices({ query }, { signal }));
    await show(services, (screen) => page(services, screen));
  },
});

function page(services: readonly ServiceView[], style: TableStyle): string {
  if (services.length === 0) return 'No services yet: "controller apply -f <file>" declares some.\n';
  const rows = worstFirst(services, conditionOfService).map((service): Cell[] => [
    ...serviceCells(service, style),
    rolloutCell(service),
  ]);
  const waiting = services.flatMap(({ name, waiting }) => waiting.map((text) => ({ name, text })));
  const waits = waiting.length === 0 ? "" : `\n${reasons(["WAITING", "FOR"], waiting, style)}`;
  return `${table(COLUMNS, rows, style)}${waits}`;
}

/** `rolling: 1 of 3 on 4`; one that is over and went well needs no word. */
function rolloutCell({ rollout, desired }: ServiceView): Cell {
  if (rollout === null || rollout.phase === "done") return plain("");
  const { phase, updated, to, paused, reason } = rollout;
  if (phase === "failed") return { text: `failed: ${reason}`, tone: "bad" };
  const progress = `${paused ? "paused" : phase}: ${updated} of ${desired} on ${to}`;
  return { text: progress, tone: paused || phase === "canary" ? "warning" : "plain" };
}
