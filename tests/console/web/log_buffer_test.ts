/**
 * The lines of a live log, which must not grow without end.
 * @module
 */
import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  appended,
  BLOCK_LINES,
  BLOCKS_MAX,
  EMPTY_LOG,
  lineCount,
  type ShownLine,
  unseen,
} from "../../../lib/console/web/log_buffer.ts";

function lines(from: number, count: number, replica = "a"): ShownLine[] {
  return Array.from({ length: count }, (_, at) => {
    const time = new Date((from + at) * 1_000).toISOString();
    return { time, stream: "out", replica, line: `line ${from + at}` };
  });
}

Deno.test("appended() fills the last block and leaves full ones the very same objects", () => {
  const first = appended(EMPTY_LOG, lines(0, BLOCK_LINES + 10));
  const second = appended(first, lines(BLOCK_LINES + 10, 5));
  assertEquals(second.blocks.map(({ lines }) => lines.length), [BLOCK_LINES, 15]);
  assertStrictEquals(second.blocks[0], first.blocks[0]);
  assertEquals(second.blocks[1]?.id, first.blocks[1]?.id);
});

Deno.test("appended() lets the oldest go by the block and says how many", () => {
  const all = BLOCK_LINES * (BLOCKS_MAX + 2) + 1;
  const full = appended(EMPTY_LOG, lines(0, all));
  assertEquals(full.blocks.length, BLOCKS_MAX);
  assertEquals(full.dropped + lineCount(full), all);
  assertEquals(full.blocks.at(-1)?.lines.at(-1)?.line, `line ${all - 1}`);
});

Deno.test("unseen() leaves out the lines of before, for each replica by itself", () => {
  const buffer = appended(EMPTY_LOG, [...lines(0, 3, "a"), ...lines(0, 1, "b")]);
  const again = unseen(buffer, [...lines(1, 3, "a"), ...lines(0, 2, "b"), ...lines(0, 1, "c")]);
  assertEquals(again.map(({ replica, line }) => `${replica} ${line}`), ["a line 3", "b line 1", "c line 0"]);
});
