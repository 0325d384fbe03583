/**
 * A service as a row of a table: how much of it is there, and how that is to be taken.
 * @module
 */
import { bar } from "./bar.ts";
import { conditionOfService } from "./condition.ts";
import { type Cell, type Column, plain, type TableStyle } from "./table.ts";

export const SERVICE_COLUMNS: readonly Column[] = [
  { title: "SERVICE" },
  { title: "READY" },
  { title: "GENERATION", align: "right" },
  { title: "HEALTH" },
];

type Shown = Parameters<typeof conditionOfService>[0] & { name: string; generation: number };

/** The cells below those columns. */
export function serviceCells(service: Shown, style: TableStyle): Cell[] {
  const { name, ready, desired, generation } = service;
  const { word, tone } = conditionOfService(service);
  return [plain(name), { text: bar(ready, desired, style), tone }, plain(generation), { text: word, tone }];
}
