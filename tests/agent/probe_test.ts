import { assertEquals, assertMatch } from "@std/assert";
import { probe } from "../../lib/agent/probe.ts";
import { runProbeCommand } from "../../lib/agent/probe_command.ts";
import { Health } from "../../lib/cluster/health.ts";
import { granted } from "../support/granted.ts";
import { pidsWith, until } from "./agent_process.ts";

const ignore = !granted || Deno.build.os !== "linux";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `probe() ${name}`, ignore, fn });
}

/** A server that sends each connection these bytes and then waits for its client to leave. */
async function answering(answer: string, check: (port: number) => Promise<void>): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const conn of listener) {
      using client = conn;
      await client.read(new Uint8Array(1_024));
      for (const part of answer.split("|")) await client.write(new TextEncoder().encode(part));
      await client.read(new Uint8Array(1)).catch(() => null);
    }
  })();
  await check(listener.addr.port);
  listener.close();
  await serving;
}

const run = () => Promise.resolve({ ok: false, detail: "unexpected" });
const over = (given: Parameters<typeof Health.parse>[0], port: number) => probe(Health.parse(given), { port, run });

test("takes 2xx and 3xx as well, also behind an interim answer and in parts", async () => {
  for (
    const answer of [
      "HTTP/1.1 204 No Content\r\n\r\n",
      "HTTP/1.0 302 Found\r\n",
      "HTTP/1.1 103 Early|\r\n\r\nHTTP/1.1 2|00 OK\r\n",
    ]
  ) {
    await answering(answer, async (port) => assertEquals(await over({ http: "/" }, port), { ok: true, detail: "" }));
  }
});

test("says what else it was answered", async () => {
  await answering("HTTP/1.1 503 No\r\n\r\n", async (port) => {
    assertEquals(await over({ http: "/readyz" }, port), { ok: false, detail: "GET /readyz gave 503" });
  });
  await answering("SSH-2.0-x\r\n".repeat(800), async (port) => {
    assertEquals(await over({ http: "/" }, port), { ok: false, detail: "what answers speaks no HTTP" });
  });
});

test("gives up at the timeout", async () => {
  await answering("HTTP/1.1 ", async (port) => {
    const health = { http: "/", timeout: "50ms" };
    assertEquals(await over(health, port), { ok: false, detail: "no answer within 50ms" });
  });
});

test("needs no more than a connection over TCP", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  assertEquals(await over({ tcp: true }, port), { ok: true, detail: "" });
  listener.close();
  const refused = await over({ tcp: true }, port);
  assertEquals(refused.ok, false);
  assertMatch(refused.detail, /refused/i);
});

test("runs a command with the replica's environment, and ends it with all that it started at the timeout", async () => {
  const mark = crypto.randomUUID();
  const env = { MARK: mark, PATH: "/usr/bin:/bin" };
  const command = (words: string[], timeout = "5s") =>
    probe(Health.parse({ command: words, timeout }), {
      port: 0,
      run: ([program, ...args], { signal }) => runProbeCommand([program ?? "", ...args], { env, signal }),
    });
  assertEquals(await command(["/bin/sh", "-c", `test "$MARK" = ${mark}`]), { ok: true, detail: "" });
  assertEquals(await command(["/bin/sh", "-c", "exit 3"]), { ok: false, detail: "/bin/sh exited with code 3" });
  const late = await command(["/bin/sh", "-c", "sleep 600 & sleep 600"], "100ms");
  assertEquals(late, { ok: false, detail: "no answer within 100ms" });
  await until(() => pidsWith(mark).length === 0);
  assertEquals((await command(["/no/such/probe"])).ok, false);
});
