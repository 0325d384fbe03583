import { assertEquals } from "@std/assert";
import { exitWords } from "../../lib/plan/reason.ts";
import { assignment, observation, wallAt } from "../support/builders.ts";

const ended = (code: number | null, signal: string | null) =>
  observation(assignment(1), { exit: { code, signal, at: wallAt(0) } });

Deno.test("exitWords() tells a code, a signal, an unknown code, and a start that failed", () => {
  assertEquals(exitWords(ended(3, null)), "exit code 3");
  assertEquals(exitWords(ended(null, "SIGKILL")), "ended by SIGKILL");
  assertEquals(exitWords(ended(null, null)), "its exit code is not known");
  assertEquals(exitWords(observation(assignment(1), { reason: "no such program" })), "no such program");
  assertEquals(exitWords(undefined), "it could not be started");
});
