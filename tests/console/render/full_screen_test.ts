import { assertEquals } from "@std/assert";
import type { Screen } from "../../../lib/console/cli/screen.ts";
import { fullScreenOn } from "../../../lib/console/render/full_screen.ts";

Deno.test("fullScreenOn() draws what fits over what was there, and gives the screen back whatever happens", async () => {
  let written = "";
  const screen: Screen = {
    write: (text) => {
      written += text;
      return Promise.resolve();
    },
    width: 20,
    height: 2,
    colours: false,
    live: true,
  };
  try {
    await using full = await fullScreenOn(screen);
    await full.draw("a\nb\nc\n");
    throw new Error("as it may be");
  } catch (error) {
    assertEquals(error instanceof Error && error.message, "as it may be");
  }
  assertEquals(
    written,
    "\x1b[?1049h\x1b[?25l\x1b[?7l" + "\x1b[Ha\x1b[K\r\nb\x1b[K\x1b[J" + "\x1b[?7h\x1b[?25h\x1b[?1049l",
  );
});
