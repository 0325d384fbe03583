import { assertEquals } from "@std/assert";
import { skewOf } from "../../lib/cluster/version_skew.ts";

Deno.test("skewOf() says whether a node's version is older or newer than the controller's", () => {
  for (
    const [version, own, skew] of [
      ["0.1.0", "0.1.0", null],
      ["0.1.0", "0.2.0", "older"],
      ["0.10.0", "0.9.9", "newer"],
      ["1.0.0-rc.1", "1.0.0", "older"],
      ["1.0.0", "1.0.0-rc.1", "newer"],
      ["1.0.0+a", "1.0.0+b", null],
      [undefined, "1.0.0", null],
      ["what", "1.0.0", null],
    ] as const
  ) {
    assertEquals(skewOf(version, own), skew, `${version} beside ${own}`);
  }
});
