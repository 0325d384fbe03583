/** WebSockets through the proxy: what is agreed, what is said, and how it ends. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { granted } from "../support/granted.ts";
import { endpointAt, exchange, readText, type Replica, serveRaw, serveReplica, startProxy, writeText } from "./rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn });
}

interface Seen {
  headers: Headers;
  url: string;
  socket: WebSocket;
  closed: Promise<CloseEvent>;
}

/** Greets, says everything back, and closes when told to: `close 4001`. */
function echoReplica(seen: Seen[] = [], { protocol }: { protocol?: string } = {}): Replica {
  return serveReplica((request) => {
    const headers = new Headers(request.headers);
    const { socket, response } = Deno.upgradeWebSocket(request, protocol === undefined ? {} : { protocol });
    const { promise: closed, resolve } = Promise.withResolvers<CloseEvent>();
    seen.push({ headers, url: request.url, socket, closed });
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send("hello");
    socket.onclose = resolve;
    socket.onmessage = ({ data }) => {
      const code = typeof data === "string" ? /^close (\d+)$/.exec(data)?.[1] : undefined;
      if (code === undefined) socket.send(data);
      else socket.close(Number(code), "as told");
    };
    return response;
  });
}

/** A socket with its messages in a queue. */
async function connect(url: string, options: WebSocketOptions = {}) {
  const socket = new WebSocket(url.replace("http:", "ws:"), options);
  socket.binaryType = "arraybuffer";
  const messages: unknown[] = [];
  const waiting: ((message: unknown) => void)[] = [];
  socket.onmessage = ({ data }) => {
    const next = waiting.shift();
    if (next === undefined) messages.push(data);
    else next(data);
  };
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = (event) => reject(new Error(event instanceof ErrorEvent ? event.message : "no WebSocket"));
  });
  const message = () =>
    messages.length > 0 ? Promise.resolve(messages.shift()) : new Promise((resolve) => waiting.push(resolve));
  return { socket, closed, message };
}

test("text and binary messages pass, from the replica's first word on", async () => {
  await using replica = echoReplica();
  await using rig = startProxy([replica]);
  const client = await connect(rig.url);
  assertEquals(await client.message(), "hello");
  client.socket.send("däta");
  assertEquals(await client.message(), "däta");
  const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
  client.socket.send(bytes);
  assertEquals(new Uint8Array(await client.message() as ArrayBuffer), bytes);
  assertMatch(rig.proxy.metrics(), /muster_proxy_websockets\{service="payload"\} 1\n/);
  client.socket.close();
  await client.closed;
});

test("the replica sees the path, the host and the fields, and none of the operator's", async () => {
  const seen: Seen[] = [];
  await using replica = echoReplica(seen, { protocol: "Chat.v2" });
  await using rig = startProxy([replica]);
  const headers = { authorization: "Bearer t", cookie: "muster_session=s; a=1", origin: "http://web.example" };
  const client = await connect(`${rig.url}/proxy/ws?x=1`, { protocols: ["Chat.v1", "Chat.v2"], headers });
  const [{ headers: fields, url }] = seen as [Seen];
  assertEquals(url, `${rig.url}/ws?x=1`);
  assertEquals(client.socket.protocol, "Chat.v2");
  assertEquals(fields.get("sec-websocket-protocol"), "Chat.v1, Chat.v2");
  assertEquals([fields.get("authorization"), fields.get("cookie")], [null, "a=1"]);
  assertEquals([fields.get("origin"), fields.get("x-forwarded-for")], ["http://web.example", "127.0.0.1"]);
  client.socket.close();
  await client.closed;
});

test("the client gets the code with which the replica closes", async () => {
  await using replica = echoReplica();
  await using rig = startProxy([replica]);
  for (const code of [1000, 1001, 1011, 4001]) {
    const client = await connect(rig.url);
    client.socket.send(`close ${code}`);
    const { code: got, reason } = await client.closed;
    assertEquals([got, reason], [code, "as told"]);
  }
});

test("the replica gets the code with which the client closes", async () => {
  const seen: Seen[] = [];
  await using replica = echoReplica(seen);
  await using rig = startProxy([replica]);
  const client = await connect(rig.url);
  client.socket.close(4002, "enough");
  const { code, reason } = await seen[0]!.closed;
  assertEquals([code, reason], [4002, "enough"]);
  await client.closed;
});

test("a replica's refusal is the client's answer", async () => {
  await using replica = serveReplica(() => new Response("no", { status: 403 }));
  await using rig = startProxy([replica]);
  const handshake = "host: x\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n" +
    "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
  const answer = await exchange(rig.port, `GET / HTTP/1.1\r\n${handshake}connection: upgrade, close\r\n\r\n`);
  assert(answer.startsWith("HTTP/1.1 403 "), answer);
});

test("a handshake without key or of another version is a plain request", async () => {
  await using replica = serveReplica((request) =>
    new Response(`plain, ${request.headers.get("upgrade")}`, { status: 426 })
  );
  await using rig = startProxy([replica]);
  const handshake = "host: x\r\nupgrade: websocket\r\nsec-websocket-version: 12\r\nconnection: upgrade, close\r\n";
  const answer = await exchange(rig.port, `GET / HTTP/1.1\r\n${handshake}\r\n`);
  assert(answer.startsWith("HTTP/1.1 426 ") && answer.endsWith("plain, null"), answer);
});

test("a handshake goes to another replica when the first can't be connected to", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const dead = { endpoint: endpointAt(listener.addr.port) };
  listener.close();
  await using replica = echoReplica();
  await using rig = startProxy([dead, replica]);
  const client = await connect(rig.url);
  assertEquals(await client.message(), "hello");
  client.socket.close();
  await client.closed;
});

/** A replica that agrees to a WebSocket and dies. */
function dyingReplica(): Replica {
  return serveRaw(async (conn) => {
    const [, key] = /sec-websocket-key: (\S+)/i.exec(await readText(conn)) ?? [];
    const bytes = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    const accept = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
    const fields = `upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${encodeBase64(accept)}\r\n`;
    await writeText(conn, `HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`);
  });
}

function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

test("a client is told when its replica dies", async () => {
  await using replica = dyingReplica();
  await using rig = startProxy([replica]);
  const client = await connect(rig.url);
  assertEquals((await client.closed).code, 1011);
});

test("a client is told when the proxy ends", async () => {
  await using replica = echoReplica();
  await using rig = startProxy([replica]);
  const client = await connect(rig.url);
  rig.proxy.dispose();
  assertEquals((await client.closed).code, 1001);
});
