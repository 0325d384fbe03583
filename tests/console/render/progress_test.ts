import { assertEquals } from "@std/assert";
import type { Screen } from "../../../lib/console/cli/screen.ts";
import { progressOn } from "../../../lib/console/render/progress.ts";

function screen(fields: Pick<Screen, "live" | "width">): Screen & { written: () => string } {
  let text = "";
  return {
    ...{ height: undefined, colours: false, ...fields },
    written: () => text,
    write: (more) => {
      text += more;
      return Promise.resolve();
    },
  };
}

Deno.test("progressOn() a terminal writes one line over and over, cut to its width, and lines that stay above it", async () => {
  const terminal = screen({ live: true, width: 6 });
  const progress = progressOn(terminal);
  for (const text of ["one", "one", "two 語語", "\x1b[2Jthree\n"]) await progress.update(text);
  await progress.line("stays");
  await progress.end();
  await progress.end();
  const start = "\r\x1b[K";
  assertEquals(
    terminal.written(),
    `${start}one${start}two ${start}three${start}stays\nthree${start}`,
  );
});

Deno.test("progressOn() elsewhere writes a line for each change, in full", async () => {
  const pipe = screen({ live: false, width: undefined });
  const progress = progressOn(pipe);
  for (const text of ["one", "one", "two"]) await progress.update(text);
  await progress.line("stays");
  await progress.end();
  assertEquals(pipe.written(), "one\ntwo\nstays\n");
});
