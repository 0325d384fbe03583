import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import type { Access } from "../../../lib/ingress/seen/access_line.ts";
import {
  AccessLog,
  type AccessLogOptions,
  type LogOutput,
  writeAccessLog,
} from "../../../lib/ingress/seen/access_log.ts";
import type { Clock } from "../../../lib/runtime/clock.ts";
import { seededRandom } from "../../../lib/runtime/random.ts";

const ACCESS: Access = {
  time: 0,
  peer: "192.0.2.7",
  method: "GET",
  target: "/",
  host: "h",
  protocol: "HTTP/1.1",
  status: 200,
  bytesIn: 0,
  bytesOut: 0,
  durationMs: 1,
  tries: 1,
  ended: "answered",
};

/** What an output was given, and what it does next. */
class Output implements LogOutput {
  readonly texts: string[] = [];
  isClosed = false;
  next: () => Promise<void> = () => Promise.resolve();
  #written = Promise.withResolvers<void>();

  async write(text: string): Promise<void> {
    this.texts.push(text);
    this.#written.resolve();
    await this.next();
  }

  close(): void {
    this.isClosed = true;
  }

  /** Resolves when more has been given. */
  async more(): Promise<void> {
    await this.#written.promise;
    this.#written = Promise.withResolvers();
  }
}

/** A time in which sleepers wake by hand. */
class HandClock implements Clock {
  now = () => 0;
  wall = () => 0;
  #sleepers: { ms: number; wake: () => void }[] = [];

  sleep = (ms: number, { signal }: { signal?: AbortSignal } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    this.#sleepers.push({ ms, wake: resolve });
    return promise;
  };

  pass(): number[] {
    const sleepers = this.#sleepers;
    this.#sleepers = [];
    for (const { wake } of sleepers) wake();
    return sleepers.map(({ ms }) => ms);
  }
}

function setUp(options: Partial<AccessLogOptions> = {}) {
  const log = new AccessLog({ format: "json", share: 1, random: seededRandom(1), ...options });
  const [output, clock, stop] = [new Output(), new HandClock(), new AbortController()];
  return { log, output, clock, stop, run: () => writeAccessLog(log, output, { clock, signal: stop.signal }) };
}

function linesOf(text: string | undefined): Record<string, unknown>[] {
  return (text ?? "").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

function noSpace(): Error {
  return Object.assign(new Error("no space left"), { code: "ENOSPC" });
}

Deno.test("writeAccessLog() writes what has gathered after 200 ms, in one piece", async () => {
  const { log, output, clock, stop, run } = setUp();
  const running = run();
  log.note(ACCESS);
  log.note({ ...ACCESS, target: "/2" });
  assertEquals(output.texts, []);
  assertEquals(clock.pass(), [200]);
  await output.more();
  assertEquals(linesOf(output.texts[0]).map(({ target }) => target), ["/", "/2"]);
  stop.abort();
  await running;
  assert(output.isClosed);
});

Deno.test("writeAccessLog() writes at once when 64 KiB have gathered", async () => {
  const { log, output, stop, run } = setUp();
  const running = run();
  while (!log.full.aborted) log.note(ACCESS);
  await output.more();
  assertLess(64 * 1_024, output.texts[0]?.length ?? 0);
  assert(!log.full.aborted);
  stop.abort();
  await running;
});

Deno.test("writeAccessLog() writes the rest when it ends, and nothing when there is nothing", async () => {
  const { log, output, stop, run } = setUp();
  const running = run();
  log.note(ACCESS);
  stop.abort();
  await running;
  assertEquals(output.texts.length, 1);
});

Deno.test("AccessLog drops lines while a write does not end, and a line says how many", async () => {
  const { log, output, clock, stop, run } = setUp({ waitingCharsMax: 1_000 });
  const slow = Promise.withResolvers<void>();
  output.next = () => slow.promise;
  const running = run();
  log.note(ACCESS);
  clock.pass();
  await output.more();
  for (let count = 0; count < 100; count++) log.note(ACCESS);
  const dropped = log.droppedTotal;
  assert(dropped > 80 && dropped < 100);
  slow.resolve();
  stop.abort();
  await running;
  const lines = linesOf(output.texts[1]);
  assertEquals(lines.at(-1)?.["dropped_lines"], dropped);
  assertEquals(lines.length, 100 - dropped + 1);
});

Deno.test("writeAccessLog() goes on when the disk was full, and says what is missing", async () => {
  const { log, output, clock, stop, run } = setUp();
  output.next = () => Promise.reject(noSpace());
  const running = run();
  log.note(ACCESS);
  clock.pass();
  await output.more();
  assertEquals(log.droppedTotal, 0);
  output.next = () => Promise.resolve();
  log.note(ACCESS);
  stop.abort();
  await running;
  assertEquals(log.droppedTotal, 1);
  assertEquals(linesOf(output.texts[1]).map((line) => line["dropped_lines"]), [undefined, 1]);
});

Deno.test("writeAccessLog() does not wait for a disk that hangs for longer than a moment", async () => {
  const { log, output, clock, stop, run } = setUp();
  output.next = () => new Promise(() => {});
  const running = run();
  log.note(ACCESS);
  clock.pass();
  await output.more();
  stop.abort();
  // Its turn to sleep comes a few promises later.
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  assertEquals(clock.pass(), [1_000]);
  await running;
  assert(output.isClosed);
});

Deno.test("writeAccessLog() fails on a bug of its output", async () => {
  const { log, output, stop, run } = setUp();
  output.next = () => Promise.reject(new TypeError("a bug"));
  const running = run();
  log.note(ACCESS);
  stop.abort();
  await assertRejects(() => running, TypeError, "a bug");
});

Deno.test("AccessLog takes its share of what went well, and all of what failed", () => {
  const count = (share: number, access: Partial<Access>) => {
    const { log } = setUp({ share });
    for (let turn = 0; turn < 1_000; turn++) log.note({ ...ACCESS, ...access });
    return log.take(0).lines;
  };
  assertEquals([count(0, {}), count(1, {})], [0, 1_000]);
  const tenth = count(0.1, {});
  assert(tenth > 60 && tenth < 150);
  assertEquals(count(0, { status: 503 }), 1_000);
  assertEquals(count(0, { ended: "broken" }), 1_000);
  assertEquals(count(0, { status: 404 }), 0);
});
