import { assertEquals } from "@std/assert";
import { record } from "../../../scripts/picture/recording.ts";

/** Pieces of output, each at its time. */
function recorded(pieces: readonly (readonly [number, string])[]) {
  let nowMs = 5_000;
  const output = async function* () {
    for (const [atMs, text] of pieces) {
      nowMs = 5_000 + atMs;
      yield await Promise.resolve(text);
    }
  };
  return record(output(), { before: ["$ a"], nowMs: () => nowMs });
}

Deno.test("record() counts the lines that are there at each time, from the beginning", async () => {
  const { lines, frames } = await recorded([[100, "one\ntwo\n"], [900, "three\n"]]);
  assertEquals(lines, ["$ a", "one", "two", "three"]);
  assertEquals(frames, [{ atMs: 0, lines: 1 }, { atMs: 100, lines: 3 }, { atMs: 900, lines: 4 }]);
});

Deno.test("record() shows a line when it is complete, and what comes together as one frame", async () => {
  const { lines, frames } = await recorded([[100, "a "], [300, "b"], [500, " c\nd"], [510, "\ne\n"]]);
  assertEquals(lines, ["$ a", "a b c", "d", "e"]);
  assertEquals(frames, [{ atMs: 0, lines: 1 }, { atMs: 500, lines: 4 }]);
});
