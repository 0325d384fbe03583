import { assertEquals } from "@std/assert";
import { moment } from "../../../lib/console/render/moment.ts";

Deno.test("moment() shows a time to the second in UTC, and what is no time as it is", () => {
  assertEquals(moment("2026-03-01T12:30:05.999+02:00"), "2026-03-01 10:30:05");
  assertEquals(moment("soon"), "soon");
});
