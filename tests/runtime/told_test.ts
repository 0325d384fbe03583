import { assertEquals } from "@std/assert";
import { toldBy } from "../../lib/runtime/told.ts";

Deno.test("toldBy() adds what the cause says, and only that of an error", () => {
  assertEquals(toldBy(new Error("no")), "no");
  assertEquals(
    toldBy(new TypeError("fetch failed", { cause: new Error("unknown issuer") })),
    "fetch failed: unknown issuer",
  );
  assertEquals(toldBy(new Error("no", { cause: "chance" })), "no");
});
