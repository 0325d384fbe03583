import { assertEquals } from "@std/assert";
import { isDiskFull } from "../../lib/runtime/disk_full.ts";
import { granted } from "../support/granted.ts";

Deno.test({
  name: "isDiskFull() knows the system's own word for it, also as a cause",
  ignore: !granted || Deno.build.os !== "linux",
  fn: async () => {
    using file = await Deno.open("/dev/full", { write: true });
    const error = await file.write(new Uint8Array(1)).then(() => undefined, (error) => error);
    assertEquals(isDiskFull(error), true);
    assertEquals(isDiskFull(new Error("Cannot write", { cause: error })), true);
  },
});

Deno.test("isDiskFull() takes nothing else for it", () => {
  assertEquals(isDiskFull(new Deno.errors.PermissionDenied("Permission denied (os error 13)")), false);
  assertEquals(isDiskFull(new Error("Cannot write", { cause: new Error("os error 280") })), false);
  assertEquals(isDiskFull("No space left on device (os error 28)"), false);
});
