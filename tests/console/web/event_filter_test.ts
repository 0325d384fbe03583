import { assertEquals } from "@std/assert";
import { type EventFilter, filterIn, isFiltering, matching } from "../../../lib/console/web/event_filter.ts";
import type { EventView } from "../../../lib/wire/api.ts";

const nodes = new Map([["n-1", { name: "alpha" }]]);
const events: EventView[] = [
  { id: 1, time: "", kind: "exited", severity: "warn", text: "web.0 exited with code 1", service: "web", node: "n-1" },
  { id: 2, time: "", kind: "ready", severity: "info", text: "api.0 on alpha is ready", service: "api" },
  { id: 3, time: "", kind: "added", severity: "info", text: "node alpha was added", node: "n-1" },
];

function found(filter: Partial<EventFilter>): number[] {
  return matching(events, { ...filterIn({}), ...filter }, nodes).map(({ id }) => id);
}

Deno.test("matching() finds events by all words, whatever their case, also in the node's name", () => {
  assertEquals(found({}), [1, 2, 3]);
  assertEquals(found({ text: "  EXITED code " }), [1]);
  assertEquals(found({ text: "alpha" }), [1, 2, 3]);
  assertEquals(found({ text: "alpha nothing" }), []);
});

Deno.test("matching() finds events by service, severity, and node by name or id, all at once", () => {
  assertEquals(found({ service: "web" }), [1]);
  assertEquals(found({ severity: "info" }), [2, 3]);
  assertEquals([found({ node: "alpha" }), found({ node: "n-1" })], [[1, 3], [1, 3]]);
  assertEquals(found({ node: "alpha", severity: "info" }), [3]);
});

Deno.test("filterIn() takes from an address what it understands", () => {
  assertEquals(filterIn({ severity: "loud", text: "x", other: "y" }), {
    text: "x",
    service: "",
    node: "",
    severity: "",
  });
  assertEquals([isFiltering(filterIn({})), isFiltering(filterIn({ severity: "warn" }))], [false, true]);
});
