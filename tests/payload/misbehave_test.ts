import { assert, assertEquals } from "@std/assert";
import { misbehave } from "../../lib/payload/misbehave.ts";
import { configFor, handClock } from "./work_for.ts";

function victim(ending: AbortController) {
  return { clock: handClock(), signal: ending.signal, crash: () => {}, write: () => Promise.resolve() };
}

Deno.test("misbehave() has nothing to do without flags", async () => {
  await misbehave(await configFor(), victim(new AbortController()));
});

Deno.test("--crash-after crashes after that time", async () => {
  const target = victim(new AbortController());
  const crashes: number[] = [];
  await misbehave(await configFor("--crash-after", "5s"), { ...target, crash: () => crashes.push(target.clock.ms) });
  assertEquals(crashes, [5_000]);
});

Deno.test("--flood-log writes numbered lines until the end", async () => {
  const ending = new AbortController();
  let text = "";
  const write = (bytes: Uint8Array) => {
    text += new TextDecoder().decode(bytes);
    if (text.length > 100_000) ending.abort();
    return Promise.resolve();
  };
  await misbehave(await configFor("--flood-log"), { ...victim(ending), write });
  const lines = text.trimEnd().split("\n");
  assert(lines.length > 1_000);
  assert(lines.every((line, at) => line.startsWith(`flood line ${at + 1}:`)));
});

Deno.test("--flood-log ends when nobody reads", async () => {
  const write = () => Promise.reject(new Deno.errors.BrokenPipe("gone"));
  await misbehave(await configFor("--flood-log"), { ...victim(new AbortController()), write });
});

Deno.test("--eat-memory takes its bites with pauses, and ends with the program", async () => {
  const ending = new AbortController();
  const target = victim(ending);
  const eating = misbehave(await configFor("--eat-memory", "40"), target);
  while (target.clock.ms < 60) await Promise.resolve();
  ending.abort();
  await eating;
  assertEquals(target.clock.ms, 60);
});
