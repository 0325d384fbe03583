import { assertEquals } from "@std/assert";
import { LinesSeen, type Shown } from "../../../../lib/console/cli/streams/lines_seen.ts";
import type { ServiceLogLine } from "../../../../lib/wire/api.ts";

interface Made {
  replica?: string;
  stream?: ServiceLogLine["stream"];
  second?: number;
}

function made(line: string, { replica = "a", stream = "out", second = 1 }: Made = {}): ServiceLogLine {
  return { time: `2026-03-01T12:00:0${second}.000Z`, stream, replica, line, name: `web.${replica}`, slot: 0 };
}

/** What is shown of these lines, and where some may be missing. */
function take(seen: LinesSeen, texts: string, about: Made = {}): string {
  return inWords([...texts].map((text) => seen.take(made(text, about))));
}

function inWords(shown: readonly Shown[]): string {
  return shown.map(({ lines, gapOf }) => `${gapOf === undefined ? "" : "?"}${lines.map(({ line }) => line).join("")}`)
    .join("");
}

Deno.test("LinesSeen shows old lines that come again only as far as they are new", () => {
  const seen = new LinesSeen();
  assertEquals(take(seen, "abc"), "abc");
  seen.resume();
  assertEquals([take(seen, "abcde"), seen.isHolding], ["", true]);
  assertEquals([inWords(seen.settle()), seen.isHolding], ["de", false]);
  assertEquals(take(seen, "f"), "f");
});

Deno.test("LinesSeen takes the first line of another time for the end of the old ones", () => {
  const seen = new LinesSeen();
  take(seen, "abc");
  seen.resume();
  assertEquals(take(seen, "zabcd", { second: 2 }), "");
  assertEquals(take(seen, "ef", { second: 3 }), "def");
  seen.resume();
  assertEquals([take(seen, "cdef", { second: 4 }), inWords(seen.settle())], ["", ""]);
});

Deno.test("LinesSeen tells of a gap where none of the old lines is known", () => {
  const seen = new LinesSeen();
  take(seen, "abc");
  seen.resume();
  take(seen, "xyz", { second: 2 });
  assertEquals(inWords(seen.settle()), "?xyz");
});

Deno.test("LinesSeen goes by all that it remembers, and in a log that repeats itself by the last place", () => {
  const seen = new LinesSeen();
  take(seen, "ababb");
  seen.resume();
  take(seen, "abbababbab", { second: 2 });
  assertEquals(inWords(seen.settle()), "ab");
  seen.resume();
  take(seen, "xx", { second: 3 });
  assertEquals(inWords(seen.settle()), "?xx");
});

Deno.test("LinesSeen keeps replicas and streams apart, and passes on the controller's own words", () => {
  const seen = new LinesSeen();
  take(seen, "ab");
  take(seen, "cd", { replica: "b" });
  take(seen, "ef", { stream: "err" });
  seen.resume();
  assertEquals(take(seen, "!", { stream: "muster" }), "!");
  assertEquals(take(seen, "x", { replica: "new" }), "x");
  take(seen, "abc", { second: 2 });
  take(seen, "cde", { replica: "b", second: 2 });
  take(seen, "efg", { stream: "err", second: 2 });
  assertEquals(inWords(seen.settle()), "ceg");
});
