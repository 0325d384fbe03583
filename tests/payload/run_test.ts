import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { granted } from "../support/granted.ts";
import { payloadCommand, spawnPayload, startPayload } from "./spawn_payload.ts";

const onWindows = Deno.build.os === "windows";

function scenario(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `payload: ${name}`, ignore: !granted || onWindows, fn });
}

async function text(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

scenario("listens on a free port of the loopback, and greets with the id that its agent gave", async () => {
  await using payload = await spawnPayload([], { MUSTER_REPLICA: "replica-1", PORT: "", HOST: "" });
  assertMatch(payload.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assertMatch(await text(`${payload.url}/`), /^Hello from Worker ID: replica-1\. Uptime: \d+s\n$/);
  const { pid } = await (await fetch(`${payload.url}/whoami`)).json();
  assertEquals(pid, payload.process.pid);
});

scenario("finishes the request in flight on SIGTERM, accepts no more, and exits with 0", async () => {
  await using payload = await spawnPayload([]);
  const slow = fetch(`${payload.url}/stream?lines=5&every=100ms`);
  const answer = await slow;
  payload.process.kill("SIGTERM");
  await payload.logged("draining");
  await assertRejects(() => fetch(`${payload.url}/`), TypeError);
  assertStringIncludes(await answer.text(), "line 5 of 5");
  assertEquals((await payload.process.status).code, 0);
});

scenario("cuts off what takes longer than the drain, and still exits with 0", async () => {
  await using payload = await spawnPayload(["--drain", "50ms"]);
  const endless = await fetch(`${payload.url}/stream?lines=1000000&every=10ms`);
  payload.process.kill("SIGTERM");
  await payload.logged("cut off");
  assertEquals((await payload.process.status).code, 0);
  await endless.text().catch((error) => assertEquals(error instanceof Error, true));
});

scenario("echoes on its WebSocket, and says that it goes away on SIGTERM", async () => {
  await using payload = await spawnPayload([]);
  const socket = new WebSocket(`${payload.url.replace("http", "ws")}/ws`);
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise((resolve) => socket.onopen = resolve);
  const echoed = new Promise<MessageEvent>((resolve) => socket.onmessage = resolve);
  socket.send("over");
  assertEquals((await echoed).data, "over");
  payload.process.kill("SIGTERM");
  assertEquals((await closed).code, 1001);
  assertEquals((await payload.process.status).code, 0);
});

scenario("ends on SIGTERM while it waits to start", async () => {
  await using payload = startPayload(["--start-delay", "1h", "--crash-after", "1h"]);
  await payload.logged("waiting for 1 h 00 m");
  payload.process.kill("SIGTERM");
  assertEquals((await payload.process.status).code, 0);
});

scenario("takes the memory asked for", async () => {
  await using payload = await spawnPayload(["--eat-memory", "256"]);
  const deadline = AbortSignal.timeout(20_000);
  for (let residentBytes = 0; residentBytes < 256 * 1_048_576;) {
    const page = await (await fetch(`${payload.url}/metrics`, { signal: deadline })).text();
    residentBytes = Number(/^process_resident_memory_bytes (\d+)$/m.exec(page)?.[1]);
    assertEquals(deadline.aborted, false);
  }
});

scenario("goes on at SIGTERM with --ignore-sigterm", async () => {
  await using payload = await spawnPayload(["--ignore-sigterm"]);
  payload.process.kill("SIGTERM");
  await payload.logged("SIGTERM ignored");
  assertEquals(await text(`${payload.url}/ping`), "pong");
});

scenario("crashes at the request asked for, with the exit code asked for", async () => {
  await using payload = await spawnPayload(["--crash-at-request", "2", "--exit-code", "7"]);
  await text(`${payload.url}/`);
  await assertRejects(() => text(`${payload.url}/`), TypeError);
  assertEquals((await payload.process.status).code, 7);
});

scenario("crashes after the time asked for", async () => {
  await using payload = await spawnPayload(["--crash-after", "300ms"]);
  assertEquals((await payload.process.status).code, 1);
});

scenario("accepts but never answers with --hang-after", async () => {
  await using payload = await spawnPayload(["--hang-after", "0s"]);
  await assertRejects(() => fetch(`${payload.url}/healthz`, { signal: AbortSignal.timeout(300) }), DOMException);
});

scenario("says that the port is in use and exits with 1", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, stderr } = await payloadCommand(["--port", String(taken.addr.port)]).output();
  const message = JSON.parse(new TextDecoder().decode(stderr)).msg;
  assertEquals([code, message], [
    1,
    `Cannot listen on 127.0.0.1:${taken.addr.port}: the port is in use; give another one with --port, or 0 for any free one`,
  ]);
});

scenario("takes PORT and HOST from the environment, and refuses unknown flags with 2", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const env = { PORT: String(taken.addr.port), HOST: "127.0.0.1" };
  const busy = await payloadCommand([], env).output();
  assertStringIncludes(new TextDecoder().decode(busy.stderr), `127.0.0.1:${taken.addr.port}`);
  const { code, stderr } = await payloadCommand(["--greting", "hi"]).output();
  assertEquals(code, 2);
  assertStringIncludes(new TextDecoder().decode(stderr), "did you mean --greeting?");
});
