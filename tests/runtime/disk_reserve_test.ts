import { assertEquals } from "@std/assert";
import { type DiskRoom, leavesReserve } from "../../lib/runtime/disk_reserve.ts";
import { granted } from "../support/granted.ts";

const MIB = 1_048_576;
const GIB = 1_024 * MIB;

const leaves = (room: DiskRoom | undefined, bytes = 0) =>
  leavesReserve("data", bytes, { look: () => Promise.resolve(room) });

Deno.test("leavesReserve() keeps a twentieth of the disk, but at least 256 MiB and at most 1 GiB", async () => {
  const edges = [[GIB, 256 * MIB], [10 * GIB, 512 * MIB], [1_000 * GIB, GIB]] as const;
  for (const [totalBytes, freeBytes] of edges) {
    assertEquals(await leaves({ totalBytes, freeBytes }), true);
    assertEquals(await leaves({ totalBytes, freeBytes: freeBytes - 1 }), false);
  }
});

Deno.test("leavesReserve() counts what is to be written", async () => {
  const room = { totalBytes: GIB, freeBytes: 257 * MIB };
  assertEquals([await leaves(room, MIB), await leaves(room, MIB + 1)], [true, false]);
});

Deno.test("leavesReserve() stands in nobody's way where the system doesn't say how full the disk is", async () => {
  assertEquals(await leaves(undefined, GIB), true);
});

Deno.test({
  name: "leavesReserve() asks the system",
  ignore: !granted,
  fn: async () => {
    assertEquals(await leavesReserve(".", Number.MAX_SAFE_INTEGER), false);
    assertEquals(await leavesReserve("./nowhere/at/all", 0), true, "a write will say that");
  },
});
