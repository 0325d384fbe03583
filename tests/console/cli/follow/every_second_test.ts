import { assertEquals, assertRejects } from "@std/assert";
import { delay } from "@std/async";
import { everySecond } from "../../../../lib/console/cli/follow/every_second.ts";

const { signal } = new AbortController();

Deno.test("everySecond() gives the last again when nothing comes, and nothing before the first", async () => {
  const given: number[] = [];
  const source = async function* ({ signal }: { signal: AbortSignal }) {
    yield 1;
    await delay(60_000, { signal });
  };
  for await (const one of everySecond(source, { signal })) if (given.push(one) === 2) break;
  assertEquals(given, [1, 1]);
});

Deno.test("everySecond() ends with its source, and fails as that does, also when nobody waits just then", async () => {
  const failing = async function* () {
    yield 1;
    await Promise.resolve();
    throw new Error("it broke");
  };
  await assertRejects(
    async () => {
      for await (const _ of everySecond(failing, { signal })) await delay(5);
    },
    Error,
    "it broke",
  );
  const short = async function* () {
    yield 1;
    yield 2;
  };
  assertEquals(await Array.fromAsync(everySecond(short, { signal })), [1, 2]);
});

Deno.test("everySecond() is ended by its signal", async () => {
  const leaving = new AbortController();
  const source = async function* ({ signal }: { signal: AbortSignal }) {
    yield 1;
    await delay(60_000, { signal });
  };
  await assertRejects(async () => {
    for await (const _ of everySecond(source, leaving)) leaving.abort();
  }, DOMException);
});
