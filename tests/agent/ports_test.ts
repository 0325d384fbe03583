import { assert, assertEquals } from "@std/assert";
import { isFree, outside, replicaPorts } from "../../lib/agent/ports.ts";
import { granted } from "../support/granted.ts";

Deno.test("outside() takes the wider range beside the ephemeral one", () => {
  assertEquals(outside({ from: 32_768, to: 60_999 }), { from: 20_000, to: 32_767 });
  assertEquals(outside({ from: 10_000, to: 30_000 }), { from: 30_001, to: 65_535 });
});

Deno.test("outside() goes inside when nothing else is left", () => {
  assertEquals(outside({ from: 1_024, to: 65_535 }), { from: 20_000, to: 65_535 });
});

Deno.test({
  name: "replicaPorts() gives a range of this host",
  ignore: !granted,
  fn: async () => {
    const { from, to } = await replicaPorts();
    assert(from >= 20_000 && to <= 65_535 && from < to);
  },
});

Deno.test({
  name: "isFree() tells a port that is listened on, on loopback or everywhere",
  ignore: !granted,
  fn: () => {
    for (const hostname of ["127.0.0.1", "0.0.0.0"]) {
      const listener = Deno.listen({ hostname, port: 0 });
      const { port } = listener.addr;
      assertEquals(isFree(port), false);
      listener.close();
      assertEquals(isFree(port), true);
    }
  },
});
