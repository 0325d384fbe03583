import { assertEquals } from "@std/assert";
import { fateOf } from "../../lib/payload/fate.ts";

const well = { hangAfterMs: undefined, crashAtRequest: undefined, errorRate: 0 };
const moment = { path: "/", requestNumber: 1, uptimeMs: 0, chance: 0 };

Deno.test("fateOf() answers when nothing else was asked for", () => {
  assertEquals(fateOf(well, moment), "answer");
});

Deno.test("fateOf() errs in the share asked for", () => {
  const half = { ...well, errorRate: 0.5 };
  assertEquals(fateOf(half, { ...moment, chance: 0.49 }), "error");
  assertEquals(fateOf(half, { ...moment, chance: 0.5 }), "answer");
  assertEquals(fateOf({ ...well, errorRate: 1 }, { ...moment, chance: 0.999 }), "error");
});

Deno.test("fateOf() crashes at the request asked for, not before", () => {
  const third = { ...well, crashAtRequest: 3 };
  assertEquals(fateOf(third, { ...moment, requestNumber: 2 }), "answer");
  assertEquals(fateOf(third, { ...moment, requestNumber: 3 }), "crash");
});

Deno.test("fateOf() spares probes from errors and crashes, but not from hanging", () => {
  const ill = { hangAfterMs: 1_000, crashAtRequest: 1, errorRate: 1 };
  for (const path of ["/healthz", "/readyz", "/metrics"]) {
    assertEquals(fateOf(ill, { ...moment, path, uptimeMs: 999 }), "answer");
    assertEquals(fateOf(ill, { ...moment, path, uptimeMs: 1_000 }), "hang");
  }
});
