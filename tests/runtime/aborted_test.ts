import { assertEquals } from "@std/assert";
import { aborted } from "../../lib/runtime/aborted.ts";

Deno.test("aborted() resolves when the signal is aborted, and not before", async () => {
  const ending = new AbortController();
  let ended = false;
  const waiting = aborted(ending.signal).then(() => ended = true);
  await Promise.resolve();
  assertEquals(ended, false);
  ending.abort();
  await waiting;
});

Deno.test("aborted() resolves at once for a signal that is aborted already", async () => {
  await aborted(AbortSignal.abort());
});
