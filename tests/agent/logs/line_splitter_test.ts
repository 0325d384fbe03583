import { assertEquals } from "@std/assert";
import { LineSplitter } from "../../../lib/agent/logs/line_splitter.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("LineSplitter joins what comes in parts, within a character too", () => {
  const splitter = new LineSplitter();
  const all = bytes("grün\nrot\r\nblau");
  const lines = Array.from(all, (byte) => splitter.push(Uint8Array.of(byte))).flat();
  assertEquals(lines, ["grün", "rot"]);
  assertEquals([...splitter.rest(), ...splitter.rest()], ["blau"]);
});

Deno.test("LineSplitter gives a line without end in bounded parts", () => {
  const splitter = new LineSplitter();
  const lines = splitter.push(bytes("x".repeat(40_000)));
  assertEquals(lines.map((line) => line.length), [16_384, 16_384]);
  assertEquals(splitter.rest().map((line) => line.length), [7_232]);
});
