import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { exchange, readText, serveRaw, serveReplica, writeText } from "../../ingress/rig.ts";
import { startEngine } from "./rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn });
}

test("a request reaches the replica byte for byte, save what the edge says of its client", async () => {
  let seen = "";
  await using replica = serveRaw(async (conn) => {
    seen = await readText(conn);
    await writeText(conn, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  });
  await using rig = startEngine([replica]);
  const sent =
    "POST /a%2Fb/../c?q=%00 HTTP/1.1\r\nhOsT: web\r\nX-One: 1\r\nx-one:  two \r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc";
  const answer = await exchange(rig.port, `${sent}`);
  assertEquals(
    seen,
    "POST /a%2Fb/../c?q=%00 HTTP/1.1\r\nhOsT: web\r\nX-One: 1\r\nx-one: two\r\nContent-Length: 3\r\n" +
      "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: web\r\nX-Forwarded-Proto: http\r\nVia: 1.1 muster\r\n\r\nabc",
  );
  assertMatch(answer, /^HTTP\/1\.1 200 OK\r\ncontent-length: 2\r\nConnection: close\r\n\r\nok$/);
});

test("requests are answered in turn, and pipelined ones in order", async () => {
  const replicas = ["a", "b"].map((name) =>
    serveReplica((request) => new Response(name + new URL(request.url).pathname))
  );
  await using _a = replicas[0]!;
  await using _b = replicas[1]!;
  await using rig = startEngine(replicas);
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: web\r\n\r\n`;
  const answer = await exchange(
    rig.port,
    get("/1") + get("/2") + get("/3").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
  );
  assertEquals(answer.match(/[ab]\/[123]/g)?.map((text) => text.slice(1)), ["/1", "/2", "/3"]);
  assertEquals(new Set(answer.match(/[ab](?=\/[123])/g)), new Set(["a", "b"]));
});

test("without a ready replica a request waits in line, and goes to the one that comes", async () => {
  await using replica = serveReplica(() => new Response("came"));
  await using rig = startEngine([]);
  const asked = fetch(rig.url);
  await new Promise((resolve) => setTimeout(resolve, 50));
  rig.set([replica]);
  assertEquals(await (await asked).text(), "came");
});

test("without a replica in time it says so, and that another try makes sense", async () => {
  await using rig = startEngine([], { route: { queue: { timeout: "100ms" } } });
  const response = await fetch(rig.url);
  assertEquals([response.status, response.headers.get("retry-after")], [503, "1"]);
  assertStringIncludes(await response.text(), "no-ready-replica");
});

test("a replica that is dead costs no request", async () => {
  const dead = serveReplica(() => new Response("dead"));
  await dead.kill();
  await using alive = serveReplica(() => new Response("alive"));
  await using rig = startEngine([dead, alive]);
  for (let at = 0; at < 10; at++) {
    const response = await fetch(rig.url, { method: "POST", body: "x" });
    assertEquals([response.status, await response.text()], [200, "alive"]);
  }
});

test("large content goes both ways as it comes", async () => {
  await using replica = serveReplica((request) => new Response(request.body));
  await using rig = startEngine([replica]);
  const content = new Uint8Array(20_000_000).map((_, at) => at % 251);
  const response = await fetch(rig.url, { method: "POST", body: content });
  assertEquals(await response.bytes(), content);
});

test("a WebSocket goes through, and both ends see the other's close", async () => {
  await using replica = serveReplica((request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(`got ${data}`);
    return response;
  });
  await using rig = startEngine([replica]);
  const socket = new WebSocket(rig.url.replace("http", "ws"));
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.onopen = () => socket.send("hi");
  socket.onmessage = ({ data }) => resolve(data);
  assertEquals(await promise, "got hi");
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close(1000);
  await closed;
});
