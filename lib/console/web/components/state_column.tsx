/**
 * The column of a table that says how each of its things is doing.
 * @module
 */
import { type Condition, severity } from "../condition.ts";
import { Status } from "./status.tsx";
import type { Column } from "./table.tsx";

export const STATE: Column<{ condition: Condition }> = {
  id: "state",
  title: "State",
  cell: ({ condition }) => <Status {...condition} />,
  sort: ({ condition }) => severity(condition),
};
