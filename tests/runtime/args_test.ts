import { assert, assertEquals } from "@std/assert";
import { readArgs } from "../../lib/runtime/args.ts";
import { list, onOff, port, text } from "../../lib/runtime/flag.ts";

const flags = {
  port: port({ help: "", short: "p" }),
  file: list({ help: "", short: "f" }),
  greeting: text({ help: "" }),
  insecure: onOff({ help: "" }),
};

function read(...args: string[]) {
  const result = readArgs(args, flags);
  assert(result.kind === "args", JSON.stringify(result));
  return { texts: Object.fromEntries(result.texts), positionals: result.positionals };
}

function problem(...args: string[]): string {
  const result = readArgs(args, flags);
  assert(result.kind === "usage_error", JSON.stringify(result));
  return result.message;
}

Deno.test("readArgs() takes a long flag with one dash as with two, with and without an equals sign", () => {
  for (const form of [["--port", "1"], ["--port=1"], ["-port", "1"], ["-port=1"], ["-p", "1"], ["-p=1"]]) {
    assertEquals(read(...form), { texts: { port: ["1"] }, positionals: [] }, form.join(" "));
  }
});

Deno.test("readArgs() collects a list in order, and takes the last of a single value", () => {
  assertEquals(read("-f", "a", "--file=b", "--file", "c").texts, { file: ["a", "b", "c"] });
  assertEquals(read("--port", "1", "--port", "2").texts, { port: ["2"] });
});

Deno.test("readArgs() reads switches bare, negated and with a value, and leaves the next word alone", () => {
  assertEquals(read("--insecure", "status"), { texts: { insecure: ["true"] }, positionals: ["status"] });
  assertEquals(read("--no-insecure").texts, { insecure: ["false"] });
  assertEquals(read("--insecure=maybe").texts, { insecure: ["maybe"] });
});

Deno.test("readArgs() leaves words as they are, numbers too, and takes all behind -- as words", () => {
  assertEquals(read("scale", "007", "--", "--port", "-x").positionals, ["scale", "007", "--port", "-x"]);
});

Deno.test("readArgs() takes a single dash and negative numbers as values", () => {
  assertEquals(read("apply", "-f", "-"), { texts: { file: ["-"] }, positionals: ["apply"] });
  assertEquals(read("--greeting", "-5").texts, { greeting: ["-5"] });
  assertEquals(read("--greeting=a=b").texts, { greeting: ["a=b"] });
});

Deno.test("readArgs() names the nearest flag to an unknown one", () => {
  assertEquals(problem("--prot", "1"), "Unknown flag --prot: did you mean --port?");
  assertEquals(problem("-insecur"), "Unknown flag --insecur: did you mean --insecure?");
  assertEquals(problem("--zzz"), "Unknown flag --zzz");
  for (const odd of ["--__proto__=1", "--no-port", "--constructor"]) assert(problem(odd).startsWith("Unknown flag"));
});

Deno.test("readArgs() says which value is missing", () => {
  for (const form of [["--port"], ["--port="], ["--port", "--insecure"], ["--file", ""]]) {
    assert(problem(...form).endsWith("a value is missing"), form.join(" "));
  }
});

Deno.test("readArgs() lets help and version win over mistakes, but not behind --", () => {
  assertEquals(readArgs(["--zzz", "-h"], flags).kind, "help");
  assertEquals(readArgs(["-version"], flags).kind, "version");
  assertEquals(readArgs(["--", "--help"], flags).kind, "args");
});
