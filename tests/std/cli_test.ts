/**
 * The contract of @std/cli as far as Muster uses it. `deno task check:jsr` runs this file on the original too.
 *
 * @module
 */
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { parseArgs, unicodeWidth } from "@std/cli";
import { parseArgs as parseArgsOfSubpath } from "@std/cli/parse-args";

/** A command line in one string, for short tests. */
const words = (line: string) => line.split(" ").filter((word) => word !== "");

Deno.test("parseArgs() guesses what no option speaks of", () => {
  const args = words("--flag --name web --port=80 --empty= -x 0x10 -abc 5 -n5 -k=v rest 7");
  assertEquals<unknown>(parseArgs(args), {
    _: ["rest", 7],
    flag: true,
    name: "web",
    port: 80,
    empty: "",
    x: 16,
    a: true,
    b: true,
    c: 5,
    n: 5,
    k: "v",
  });
});

Deno.test("parseArgs() keeps strings and gives their flags an empty value", () => {
  const args = parseArgs(words("--tag 007 -q --name"), { string: ["tag", "name", "q"] });
  const tag: string | undefined = args.tag;
  assertEquals([tag, args.name, args.q], ["007", "", ""]);
  assertEquals<unknown>(parseArgs(["1", "x"], { string: "_" }), { _: ["1", "x"] });
});

Deno.test("parseArgs() gives boolean flags no value but true and false", () => {
  const args = parseArgs(words("--force web --quiet false -v true --dry=false"), {
    boolean: ["force", "quiet", "v", "dry", "absent"],
  });
  const force: boolean = args.force;
  assertEquals([force, args.quiet, args.v, args.dry, args.absent], [true, false, true, false, false]);
  assertEquals(args._, ["web"]);
});

Deno.test("parseArgs() takes all long flags for booleans when told so", () => {
  assertEquals<unknown>(parseArgs(words("--a b --c=d -e f"), { boolean: true }), { _: ["b"], a: true, c: "d", e: "f" });
});

Deno.test("parseArgs() sets a flag under all its names", () => {
  const args = parseArgs(words("-o json -v file"), {
    string: ["output"],
    boolean: ["verbose"],
    alias: { output: "o", verbose: ["v"] },
  });
  assertEquals<unknown>(args, { _: ["file"], output: "json", o: "json", verbose: true, v: true });
  const output: string | undefined = args.o;
  assertEquals(output, "json");
});

Deno.test("parseArgs() refuses an undefined alias", () => {
  assertThrows(() => parseArgs([], { alias: { a: undefined } }), TypeError, "Alias value must be defined");
});

Deno.test("parseArgs() fills in defaults, also under aliases and dots", () => {
  const args = parseArgs(words("--host a"), {
    string: ["host"],
    default: { host: "b", port: 80, "tls.cert": "c" },
    alias: { port: "p" },
  });
  assertEquals<unknown>(args, { _: [], host: "a", port: 80, p: 80, tls: { cert: "c" } });
  const host: string = args.host;
  assertEquals(host, "a");
});

Deno.test("parseArgs() collects what may come several times, and otherwise takes the last", () => {
  const args = parseArgs(words("--env A=1 --env B=2 --one 1 --one 2"), {
    string: ["env", "label"],
    collect: ["env", "label"],
  });
  const env: string[] = args.env;
  assertEquals([env, args.label, args.one], [["A=1", "B=2"], [], 2]);
});

Deno.test("parseArgs() negates only what may be negated", () => {
  const args = parseArgs(words("--no-color --no-cache"), { boolean: ["color"], negatable: ["color"] });
  assertEquals<unknown>(args, { _: [], color: false, "no-cache": true });
});

Deno.test("parseArgs() stops at the first positional argument when told so", () => {
  assertEquals<unknown>(parseArgs(words("-a run --b 5"), { boolean: ["a"], stopEarly: true }), {
    _: ["run", "--b", "5"],
    a: true,
  });
});

Deno.test("parseArgs() reads nothing behind a double dash", () => {
  assertEquals<unknown>(parseArgs(words("--a -- --b 5 -- -c")), { _: ["--b", "5", "--", "-c"], a: true });
  const args = parseArgs(words("x -- --b 5"), { "--": true });
  const rest: string[] = args["--"];
  assertEquals([args._, rest], [["x"], ["--b", "5"]]);
});

Deno.test("parseArgs() reports the unknown, and leaves it out on demand", () => {
  const calls: unknown[][] = [];
  const args = parseArgs(words("--known 1 --strange=2 file -s"), {
    string: ["known"],
    unknown: (...call) => {
      calls.push(call);
      return false;
    },
  });
  assertEquals<unknown>(args, { _: [], known: "1" });
  assertEquals(calls, [["--strange=2", "strange", "2"], ["file"], ["-s", "s", true]]);
});

Deno.test("parseArgs() nests dotted names and stays out of prototypes", () => {
  assertEquals<unknown>(parseArgs(words("--a.b 1 --a.c.d x --__proto__.evil 1 --constructor.evil 1")), {
    _: [],
    a: { b: 1, c: { d: "x" } },
  });
  assertEquals(Reflect.get({}, "evil"), undefined);
});

Deno.test("parseArgs() takes a single hyphen for a positional argument or a value", () => {
  assertEquals<unknown>(parseArgs(words("- -f -")), { _: ["-"], f: "-" });
});

Deno.test("parseArgs() can be imported by its own path", () => {
  assertStrictEquals(parseArgsOfSubpath, parseArgs);
});

const WIDTHS: Record<string, number> = {
  "": 0,
  "web.3": 5,
  "á": 1,
  "a\u0301": 1,
  "天地": 4,
  "ｆｕ": 4,
  "ｱｲ": 2,
  "한글": 4,
  "👩": 2,
  "🇩🇪": 2,
  "─│": 2,
  "a\tb\n": 2,
  "\u200b\u0080": 0,
  "\xad": 1,
};

for (const [text, columns] of Object.entries(WIDTHS)) {
  Deno.test(`unicodeWidth() of ${JSON.stringify(text)} is ${columns}`, () => assertEquals(unicodeWidth(text), columns));
}
