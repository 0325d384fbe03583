import { assertEquals, assertMatch } from "@std/assert";
import { writeAll } from "../../../lib/agent/http/http_connection.ts";
import { probe } from "../../../lib/agent/probe/probe.ts";
import { runSideCommand } from "../../../lib/agent/process/side_command.ts";
import { Health } from "../../../lib/cluster/health.ts";
import { granted } from "../../support/granted.ts";
import { pidsWith, until } from "../agent_process.ts";

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
      const parts = answer.split("|").map((part) => new TextEncoder().encode(part));
      // A client that has seen enough leaves.
      for (const part of parts) await writeAll(client, part).catch(() => null);
      await client.read(new Uint8Array(1)).catch(() => null);
    }
  })();
  await check(listener.addr.port);
  listener.close();
  await serving;
}

const run = () => Promise.resolve({ ok: false, detail: "unexpected" });
const over = (given: Parameters<typeof Health.parse>[0], port: number) =>
  probe(Health.parse(given), { hostname: "127.0.0.1", port, run });

test("takes 2xx and 3xx as well, also behind an interim answer and in parts", async () => {
  for (
    const answer of [
      "HTTP/1.1 204 No Content\r\n\r\n",
      "HTTP/1.0 302 Found\r\n\r\n",
      "HTTP/1.1 103 Early|\r\n\r\nHTTP/1.1 2|00 OK\r\n\r\n",
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
    const detail = "what answers speaks no HTTP: the status line is malformed";
    assertEquals(await over({ http: "/" }, port), { ok: false, detail });
  });
});

test("takes the status that the check names, and no other", async () => {
  await answering("HTTP/1.1 404 No\r\n\r\n", async (port) => {
    for (const status of [404, "404", "400-499", [200, "401-404"]]) {
      assertEquals((await over({ http: "/", status }, port)).ok, true, JSON.stringify(status));
    }
    for (const status of [200, "405-499", [200, "300-399"]]) {
      const found = await over({ http: "/", status }, port);
      assertEquals(found, { ok: false, detail: "GET / gave 404" }, JSON.stringify(status));
    }
  });
});

const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

test("looks for the text in the body, across chunks and reads", async () => {
  const check = { http: "/", body: "all is well" };
  for (const body of ["4\r\nall |\r\n7\r\nis w|ell\r\n0\r\n\r\n", "2\r\nXX\r\nb\r\nall is well\r\n"]) {
    await answering(CHUNKED + body, async (port) => assertEquals(await over(check, port), { ok: true, detail: "" }));
  }
  await answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno", async (port) => {
    const found = await over(check, port);
    assertEquals(found, { ok: false, detail: 'GET / gave no "all is well" in its body' });
  });
});

test("reads a bounded part of the body", async () => {
  const body = `${"x".repeat(65_536)}all is well`;
  await answering(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`, async (port) => {
    const found = await over({ http: "/", body: "all is well" }, port);
    assertEquals(found, { ok: false, detail: 'GET / gave no "all is well" in the first 65536 bytes of its body' });
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
      hostname: "127.0.0.1",
      port: 0,
      run: ([program, ...args], { signal }) => runSideCommand([program ?? "", ...args], { env, cwd: "/usr", signal }),
    });
  assertEquals(await command(["/bin/sh", "-c", `test "$MARK" = ${mark}`]), { ok: true, detail: "" });
  assertEquals(await command(["/bin/sh", "-c", "test $(pwd) = /usr"]), { ok: true, detail: "" });
  assertEquals(await command(["/bin/sh", "-c", "exit 3"]), { ok: false, detail: "/bin/sh exited with code 3" });
  const late = await command(["/bin/sh", "-c", "sleep 600 & sleep 600"], "100ms");
  assertEquals(late, { ok: false, detail: "no answer within 100ms" });
  await until(() => pidsWith(mark).length === 0);
  assertEquals((await command(["/no/such/probe"])).ok, false);
});
