import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Entry, errorText, jsonLine, prettyLine } from "../../lib/runtime/log_format.ts";

function entry(msg: string, fields: Record<string, unknown> = {}): Entry {
  return { time: new Date("2026-01-02T03:04:05.678Z"), level: "info", logger: "agent", msg, fields };
}

Deno.test("jsonLine() puts time, level, logger and msg first, then the fields", () => {
  const expected =
    `{"time":"2026-01-02T03:04:05.678Z","level":"info","logger":"agent","msg":"started","pid":7,"ok":true}`;
  assertEquals(jsonLine(entry("started", { pid: 7, ok: true })), expected);
});

Deno.test("jsonLine() lets no field pass itself off as the level or the time", () => {
  const { level, time } = JSON.parse(jsonLine(entry("x", { level: "error", time: "never" })));
  assertEquals([level, time], ["info", "2026-01-02T03:04:05.678Z"]);
});

Deno.test("jsonLine() holds no raw control character and still means the same text", () => {
  const evil = "\x1b[31m\x9b2J\u202e\u2028\x7f\nend";
  const line = jsonLine(entry(evil));
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  assertEquals(/[\x00-\x1f\x7f-\x9f\u2028\u202e]/.test(line), false);
  assertEquals(JSON.parse(line).msg, evil);
});

Deno.test("jsonLine() survives circles, bigints, undefined and errors", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  assertStringIncludes(JSON.parse(jsonLine(entry("x", { circle }))).circle, "circular");
  const { big, gone, error } = JSON.parse(
    jsonLine(entry("x", { big: 2n ** 64n, gone: undefined, error: new Error("no") })),
  );
  assertEquals([big, gone, error], ["18446744073709551616", undefined, "no"]);
});

Deno.test("jsonLine() shows stacks only when asked", () => {
  const error = new TypeError("no");
  assertEquals(JSON.parse(jsonLine(entry("x", { error }))).error, "TypeError: no");
  assertStringIncludes(JSON.parse(jsonLine(entry("x", { error }), { stacks: true })).error, "log_format_test.ts");
});

Deno.test("jsonLine() cuts a text that would fill the disk", () => {
  assert(jsonLine(entry("x".repeat(1_000_000), { y: "y".repeat(1_000_000) })).length < 20_000);
});

Deno.test("prettyLine() shows fields as key=value and quotes what needs it", () => {
  const line = prettyLine(entry("started", { pid: 7, name: "two words", empty: "", list: [1, 2], none: undefined }));
  assertEquals(line, `03:04:05.678 INFO  agent: started pid=7 name="two words" empty="" list=[1,2]`);
});

Deno.test("prettyLine() is one line without control characters, colours only when asked", () => {
  const nasty = entry("a\nb\x1b[31m", { "k\x1b[2J": "v\r\n" });
  assertEquals(prettyLine(nasty), `03:04:05.678 INFO  agent: a\\nb k=v\\n`);
  assertStringIncludes(prettyLine(nasty, { colours: true }), "\x1b[32mINFO \x1b[0m");
});

Deno.test("errorText() names every cause, and ends when causes go in a circle", () => {
  const cause = new Deno.errors.NotFound("no such file");
  assertEquals(errorText(new Error("Cannot start", { cause })), "Cannot start; caused by NotFound: no such file");
  const circle = new Error("again");
  circle.cause = circle;
  assertEquals(errorText(circle).split("caused by").length, 8);
});
