import { assertEquals } from "@std/assert";
import { bytes, cores, counted, mebibytes, rounded } from "../../../lib/console/render/amount.ts";

Deno.test("bytes() gives two leading digits in the unit that fits, and a dash for what isn't known", () => {
  const MIB = 1_048_576;
  assertEquals([0, 1_023, 1_024, 85 * MIB, 1_023.7 * MIB, 24 * 1_024 * MIB].map(bytes), [
    "0 B",
    "1023 B",
    "1.0 KiB",
    "85 MiB",
    "1.0 GiB",
    "24 GiB",
  ]);
  assertEquals([bytes(null), cores(null), cores(0.257)], ["–", "–", "0.26"]);
  assertEquals([mebibytes(512), mebibytes(8_192)], ["512 MiB", "8.0 GiB"]);
});

Deno.test("rounded() and counted() read as people write", () => {
  assertEquals([rounded(0.1 + 0.2), rounded(4)], ["0.3", "4"]);
  assertEquals([counted(1, "node"), counted(0, "node")], ["1 node", "0 nodes"]);
});
