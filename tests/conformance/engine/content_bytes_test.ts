/**
 * What is counted as sent and received: content, however it is framed, and neither heads nor framing; so it is the same
 * over HTTP/1.1 and HTTP/2.
 * @module
 */
import { assertEquals } from "@std/assert";
import { until } from "../../../scripts/local_program.ts";
import { serveReplica } from "../../ingress/rig.ts";
import { granted } from "../../support/granted.ts";
import { RawClient } from "./raw_client.ts";
import { startRecorder } from "./recorder.ts";
import { type EngineRig, startEngine } from "./rig.ts";
import { startTlsEngine } from "./tls_rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `the engine ${name}`, ignore: !granted, fn });
}

/** What was received and sent for each request that has ended. */
async function countedIn({ visits }: EngineRig, requests: number): Promise<number[][]> {
  await until(() => visits.length >= requests, { what: "the requests to end" });
  return visits.map(({ asker, receivedBefore, sentBefore }) => [
    asker.received - receivedBefore,
    asker.sent - sentBefore,
  ]);
}

const ANSWERS: Readonly<Record<string, string>> = {
  "/length": "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  "/chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX-Sum: 1\r\n\r\n",
  "/none": "HTTP/1.1 204 No Content\r\n\r\n",
};
/** Each with what is counted of its content, and of its answer's. */
const REQUESTS: readonly (readonly [text: string, received: number, sent: number])[] = [
  ["GET /length HTTP/1.1\r\nHost: web\r\n\r\n", 0, 5],
  ["HEAD /length HTTP/1.1\r\nHost: web\r\n\r\n", 0, 0],
  ["POST /chunked HTTP/1.1\r\nHost: web\r\nContent-Length: 3\r\n\r\nabc", 3, 5],
  ["POST /none HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n", 7, 0],
];

test("counts content alone, of each request on a connection by itself", async () => {
  await using replica = startRecorder({ answer: ({ target }) => ANSWERS[target]! });
  await using rig = startEngine([replica]);
  using client = await RawClient.connect(rig.port);
  for (const [at, [text, received, sent]] of REQUESTS.entries()) {
    await client.send(text);
    assertEquals((await countedIn(rig, at + 1)).at(-1), [received, sent], text);
  }
});

test("counts the content of what it answers itself", async () => {
  await using rig = startEngine([], { route: { queue: { timeout: "1ms" } } });
  const body = await (await fetch(rig.url, { method: "POST", body: "abc" })).text();
  assertEquals(await countedIn(rig, 1), [[3, body.length]]);
});

test("counts the same over HTTP/2", async () => {
  await using replica = serveReplica(async (request) => new Response((await request.text()).repeat(2)));
  await using rig = await startTlsEngine([replica]);
  const response = await fetch(rig.url, { client: rig.client, method: "POST", body: "abc" });
  assertEquals(await response.text(), "abcabc");
  assertEquals(await countedIn(rig, 1), [[3, 6]]);
});

const UPGRADE = "GET /ws HTTP/1.1\r\nHost: web\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";

test("counts what a connection carries that became another", async () => {
  await using replica = startRecorder({ answer: `${SWITCH}welcome` });
  await using rig = startEngine([replica]);
  using client = await RawClient.connect(rig.port);
  await client.send(`${UPGRADE}early`);
  await client.until(/welcome$/);
  await client.send(", and later");
  await until(() => replica.text.endsWith("early, and later"), { what: "all to arrive" });
  await client.end();
  assertEquals(await countedIn(rig, 1), [[16, 7]]);
});

test("loses nothing of a client whose upgrade was agreed to only after a while", async () => {
  const agreed = Promise.withResolvers<void>();
  const socketsOf = (request: Request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(`got ${data}`);
    return response;
  };
  await using replica = serveReplica(async (request) => {
    await agreed.promise;
    return socketsOf(request);
  });
  // Whether the client has gone is looked for from a quarter of this time on.
  await using rig = startEngine([replica], { limits: { slowMs: 400 } });
  const socket = new WebSocket(rig.url.replace("http", "ws"));
  await new Promise((resolve) => setTimeout(resolve, 700));
  agreed.resolve();
  socket.onopen = () => socket.send("hi");
  assertEquals(await new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data)), "got hi");
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
});
