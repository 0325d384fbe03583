import { assertEquals, assertRejects } from "@std/assert";
import { Turnstile } from "../../../lib/agent/probe/turnstile.ts";

Deno.test("Turnstile lets no more than its number run at once, in the order in which they came", async () => {
  const turnstile = new Turnstile(2);
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const started: number[] = [];
  const all = gates.map(({ promise }, index) =>
    turnstile.pass(async () => {
      started.push(index);
      await promise;
    })
  );
  await Promise.resolve();
  assertEquals(started, [0, 1]);
  gates[1]!.resolve();
  await all[1];
  await Promise.resolve();
  assertEquals(started, [0, 1, 2]);
  for (const { resolve } of gates) resolve();
  await Promise.all(all);
  assertEquals(started, [0, 1, 2, 3, 4]);
});

Deno.test("Turnstile makes room after a task that failed", async () => {
  const turnstile = new Turnstile(1);
  await assertRejects(() => turnstile.pass(() => Promise.reject(new Error("no"))));
  assertEquals(await turnstile.pass(() => Promise.resolve("yes")), "yes");
});
