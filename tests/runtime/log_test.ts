import { assertEquals, assertStringIncludes } from "@std/assert";
import { getLog, type LogOptions, setupLog } from "../../lib/runtime/log.ts";
import { granted } from "../support/granted.ts";

const early = getLog("early");

function record(options: Partial<LogOptions>): string[] {
  const lines: string[] = [];
  setupLog({
    format: "auto",
    level: "info",
    write: (line) => lines.push(line),
    terminal: { isTerminal: false, colours: false },
    ...options,
  });
  return lines;
}

Deno.test("getLog() before the set-up is silent, and speaks after it", () => {
  early.info("unheard");
  const lines = record({});
  early.info("heard");
  assertEquals(lines.map((line) => JSON.parse(line)).map(({ logger, msg }) => [logger, msg]), [["early", "heard"]]);
});

Deno.test("setupLog() writes JSON where no terminal is, pretty lines on one, and what was asked for anywhere", () => {
  const colourful = { isTerminal: true, colours: true };
  const cases: [Partial<LogOptions>, string][] = [
    [{}, `{"time"`],
    [{ terminal: colourful }, "\x1b[90m"],
    [{ terminal: { isTerminal: true, colours: false } }, "INFO  web: hi"],
    [{ format: "json", terminal: colourful }, `{"time"`],
    [{ format: "pretty" }, "INFO  web: hi"],
  ];
  for (const [options, part] of cases) {
    const lines = record(options);
    getLog("web").info("hi");
    assertStringIncludes(lines.join(""), part);
  }
});

Deno.test("setupLog() keeps what is below the level away, for every log", () => {
  const lines = record({ level: "warn" });
  for (const log of [getLog("a"), getLog("b")]) {
    log.debug("no");
    log.info("no");
    log.warn("yes");
    log.error("yes");
  }
  assertEquals(lines.length, 4);
  const levels = lines.map((line) => JSON.parse(line).level);
  assertEquals(levels, ["warn", "error", "warn", "error"]);
});

Deno.test("setupLog() again replaces the writer of before", () => {
  const first = record({});
  const second = record({});
  early.info("x");
  assertEquals([first.length, second.length], [0, 1]);
});

Deno.test({
  name: "setupLog() sends whole lines to stderr and nothing to stdout",
  ignore: !granted,
  fn: async () => {
    const module = new URL("../../lib/runtime/log.ts", import.meta.url);
    const program = `import { getLog, setupLog } from "${module}"; setupLog({ format: "auto", level: "info" });
      getLog("x").error("last words", { error: new Error("no") }); Deno.exit(3);`;
    const command = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", `--config=${new URL("../../deno.json", import.meta.url).pathname}`, program],
    });
    const { code, stdout, stderr } = await command.output();
    const { msg, error } = JSON.parse(new TextDecoder().decode(stderr));
    assertEquals([code, stdout.length, msg, error], [3, 0, "last words", "no"]);
  },
});
