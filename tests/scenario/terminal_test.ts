/**
 * The command line in a real terminal, against a real cluster: tables fit 80 columns, colours come and go as one asks
 * for, `logs -f` survives its controller, and `top` gives back the screen that it took.
 * @module
 */
import { unicodeWidth } from "@std/cli";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { commandLine } from "../../scripts/local_program.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { isInstalled } from "../support/installed.ts";
import { openTerminal, type Terminal } from "../support/terminal.ts";

const SIZE = { columns: 80, lines: 24 };
const missing = granted && !isInstalled("tmux");
const TALKER = 'i=0; while :; do i=$((i+1)); echo "line $i"; sleep 0.2; done';

/** A terminal that knows `muster` as the command line of that cluster. */
async function terminalAt(cluster: Cluster): Promise<Terminal> {
  const terminal = await openTerminal(SIZE, { MUSTER_SERVER: cluster.controller.url, HOME: cluster.controller.data });
  const words = commandLine("controller").map((word) => `'${word}'`).join(" ");
  await terminal.type(`muster() { ${words} "$@"; }; clear`);
  return terminal;
}

let typed = 0;

/** Types a line and gives what came of it, once that has ended. */
async function shown(terminal: Terminal, line: string): Promise<string[]> {
  const end = `end ${++typed} with`;
  await terminal.type(`clear; ${line}; echo "${end} $?"`);
  const screen = await terminal.until(`the end of "${line}"`, (text) => new RegExp(`^${end} \\d+$`, "m").test(text));
  return screen.split("\n");
}

async function someCluster(): Promise<Cluster> {
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(await startCluster({ agents: 2 }));
  await cluster.scale(2);
  await cluster.putService("talk", { command: ["sh", "-c", TALKER], replicas: 2 });
  await cluster.putService("stuck", { command: ["sh", "-c", TALKER], replicas: 3, placement: { max_per_node: 1 } });
  await cluster.ready(2);
  await cluster.ready(2, { service: "talk" });
  await cluster.ready(2, { service: "stuck" });
  stack.move();
  return cluster;
}

/** The numbers after the last one that was missed or shown twice would not follow one another. */
function numbersOf(replica: string, screen: string): number[] {
  return [...screen.matchAll(new RegExp(`^${replica} +\\| line (\\d+)$`, "gm"))].map(([, number]) => Number(number));
}

Deno.test({
  name: "in a terminal tables fit, logs -f goes on over a restart of the controller, and Ctrl-C ends what is followed",
  ignore: !granted || missing,
  fn: async (t) => {
    await using cluster = await someCluster();
    await using terminal = await terminalAt(cluster);

    await t.step("tables fit 80 columns and have colours, unless one doesn't want any", async () => {
      for (const command of ["status", "ls", "ps", "node ls", "explain stuck", "history talk", "doctor", "help"]) {
        await shown(terminal, `muster ${command}`);
        const lines = (await terminal.screen({ all: true })).filter((line) => !line.includes("muster "));
        assertEquals(lines.filter((line) => unicodeWidth(line) > SIZE.columns), [], command);
      }
      const coloured = async (line: string) => {
        await shown(terminal, line);
        return (await terminal.screen({ colours: true })).join("\n").includes("\x1b[");
      };
      assertEquals(await coloured("muster status"), true);
      assertEquals(await coloured("NO_COLOR=1 muster status"), false);
      assertEquals(await coloured("TERM=dumb muster status"), false);
      assertEquals(await coloured("muster status | cat"), false);
    });

    await t.step("what needs a look comes first", async () => {
      const lines = await shown(terminal, "muster ls");
      assertMatch(lines.find((line) => /^(stuck|talk|payload) /.test(line)) ?? "", /^stuck +█+░+ 2\/3 /);
    });

    await t.step("logs -f shows all replicas, also when the terminal gets another size", async () => {
      await terminal.type("clear; muster logs talk -f --tail 2");
      const both = (text: string) => /^talk\.0 +\| line/m.test(text) && /^talk\.1 +\| line/m.test(text);
      await terminal.until("lines of both replicas", both);
      await terminal.resize({ columns: 50, lines: 10 });
      await terminal.press("C-l");
      await terminal.until("lines after the change", both);
      await terminal.resize(SIZE);
    });

    await t.step("logs -f takes the connection up again, and no line is missing or comes twice", async () => {
      await cluster.restartController();
      await terminal.until("that it goes on", (text) => text.includes("The controller answers again"), { all: true });
      const before = numbersOf("talk.0", (await terminal.screen({ all: true })).join("\n")).at(-1) ?? 0;
      const after = (text: string) => (numbersOf("talk.0", text).at(-1) ?? 0) > before + 3;
      const screen = await terminal.until("lines after that", after, { all: true });
      for (const replica of ["talk.0", "talk.1"]) {
        const numbers = numbersOf(replica, screen);
        assertEquals(numbers, Array.from(numbers, (_, at) => numbers[0]! + at), replica);
      }
    });

    await t.step("Ctrl-C ends it, and the shell has the terminal again", async () => {
      await terminal.press("C-c");
      await terminal.type("echo $? and again");
      await terminal.until("the shell's answer", (text) => /(^|[#$] )130 and again$/m.test(text));
    });
  },
});

Deno.test({
  name: "top takes the screen, follows its size, and gives it back with the cursor when it is interrupted",
  ignore: !granted || missing,
  fn: async () => {
    await using cluster = await someCluster();
    await using terminal = await terminalAt(cluster);
    await terminal.type("echo what was here before; muster top");
    await terminal.until("the table", (text) => /^talk\.0 /m.test(text) && /^NODE +STATUS/m.test(text));
    assertEquals(await terminal.state(), { alternate: true, cursor: false });

    for (const size of [{ columns: 60, lines: 12 }, { columns: 100, lines: 30 }]) {
      await terminal.resize(size);
      const text = await terminal.until(
        `a table of ${size.lines} lines`,
        (text) => text.includes("and ") === (size.lines === 12) && /^REPLICA /m.test(text),
      );
      const lines = text.split("\n");
      assert(lines.length <= size.lines);
      assertEquals(lines.filter((line) => unicodeWidth(line) > size.columns), []);
    }

    await terminal.press("C-c");
    await terminal.until("what was there before", (text) => text.includes("what was here before"));
    assertEquals(await terminal.state(), { alternate: false, cursor: true });
    assertEquals((await shown(terminal, "muster top | cat")).some((line) => line.startsWith("talk.0 ")), true);
  },
});
