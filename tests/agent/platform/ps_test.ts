import { assertEquals } from "@std/assert";
import {
  isLauncherLine,
  markedPids,
  PS_COLUMNS,
  PS_USAGE_COLUMNS,
  readPsEnvironment,
  readPsLine,
  readPsUsage,
} from "../../../lib/agent/platform/ps.ts";

const NODE = "0f5ce5a2-3f0e-4a53-9a3e-4f1a2f1f7a10";

Deno.test("readPsLine() reads pid, start time and whether it leads a session", () => {
  const startedAt = "Sat Nov 21 03:21:18 2026";
  assertEquals(readPsLine(`  501 Ss   ${startedAt}\n`), { pid: 501, startedAt, session: 501, exit: undefined });
  assertEquals(readPsLine(`501 R+ ${startedAt}`)?.session, 0);
  assertEquals(readPsLine(`501 Zs ${startedAt}`)?.exit, { code: null, signal: null });
});

Deno.test("readPsLine() refuses an empty answer", () => assertEquals(readPsLine("\n"), undefined));

Deno.test("PS_COLUMNS gives each column an -o of its own: a head's name reaches to the end of the argument", () => {
  for (const word of [...PS_COLUMNS, ...PS_USAGE_COLUMNS]) {
    assertEquals(word.split("=").length <= 2 && !word.includes(","), true);
  }
});

Deno.test("readPsEnvironment() takes variables, and no argument that looks like one", () => {
  const command = "/opt/web --name=a MUSTER_NODE_ID=fake";
  const environment = readPsEnvironment(`${command} PORT=8081 MUSTER_NODE_ID=${NODE} EMPTY=\n`, command);
  assertEquals([...environment], [["PORT", "8081"], ["MUSTER_NODE_ID", NODE], ["EMPTY", ""]]);
});

Deno.test("readPsEnvironment() gives none where the system hides the environment", () => {
  assertEquals(readPsEnvironment("/usr/bin/python3 --port=1\n", "/usr/bin/python3 --port=1").size, 0);
});

Deno.test("markedPids() keeps the processes that show a node id", () => {
  const text = `    1 /sbin/launchd\n  501 /opt/web MUSTER_NODE_ID=${NODE} A=b\n 9502 /opt/other XMUSTER_NODE_ID=1\n\n`;
  assertEquals(markedPids(text), [501]);
});

Deno.test("isLauncherLine() tells the launching shell from the program that it becomes", () => {
  assertEquals(isLauncherLine("/bin/sh -c exec 2>>\\012 muster-launcher /run/note"), true);
  assertEquals(isLauncherLine("/opt/web muster-launcher"), false);
  assertEquals(isLauncherLine("/bin/sh -c sleep 60"), false);
});

Deno.test("readPsUsage() reads group, processor time and memory, however long the time", () => {
  const used = { group: 501, memoryBytes: 2_048 * 1_024, cores: 0.125 };
  assertEquals(readPsUsage("  501   0:01.25   2048  12.5"), { ...used, cpuS: 1.25 });
  assertEquals(readPsUsage("501 123:45.50 2048 12.5 "), { ...used, cpuS: 123 * 60 + 45.5 });
  assertEquals(readPsUsage("501 1-02:03:04 2048 12.5"), { ...used, cpuS: 26 * 3_600 + 3 * 60 + 4 });
  for (const line of ["", "501", "501 0:01.25 x 1", "PGID TIME RSS %CPU"]) assertEquals(readPsUsage(line), undefined);
});
