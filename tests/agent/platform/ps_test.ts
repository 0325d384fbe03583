import { assertEquals } from "@std/assert";
import { readPsLine } from "../../../lib/agent/platform/ps.ts";

Deno.test("readPsLine() reads pid, start time and whether it leads a session", () => {
  const startedAt = "Sat Nov 21 03:21:18 2026";
  assertEquals(readPsLine(`  501 Ss   ${startedAt}\n`), { pid: 501, startedAt, session: 501, exit: undefined });
  assertEquals(readPsLine(`501 R+ ${startedAt}`)?.session, 0);
  assertEquals(readPsLine(`501 Zs ${startedAt}`)?.exit, { code: null, signal: null });
});

Deno.test("readPsLine() refuses an empty answer", () => assertEquals(readPsLine("\n"), undefined));
