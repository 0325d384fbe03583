/**
 * What clients that are connected and silent keep in memory: 10,000 who have asked once, and 2,000 WebSockets.
 * @module
 */
import { type Candidate, MUSTER, NGINX, present } from "./peers.ts";
import { pause } from "./program.ts";
import { answerOn, connectTo, discard, requestBytes, send } from "./raw_client.ts";
import { inTurn, medianBy, type Plan, type Report, shown } from "./report.ts";
import { startCandidate, startReplica } from "./scene.ts";
import { underLoad } from "./load.ts";

const CLIENTS = 10_000;
const SOCKETS = 2_000;
const AT_ONCE = 50;
const WARM_CONNECTIONS = 64;
/** What is not needed any more is collected by then. */
const SETTLE_MS = 4_000;
const KIB = 1_024;

const GET = requestBytes("GET /");
const UPGRADE = requestBytes("GET /ws", [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
]);
/** "hello", masked by zeros. */
const HELLO = new Uint8Array([0x81, 0x85, 0, 0, 0, 0, ...new TextEncoder().encode("hello")]);
const ECHO_BYTES = HELLO.length - 4;

type Converse = (conn: Deno.Conn) => Promise<void>;

export async function idleConnections({ rounds, folder }: Plan): Promise<Report[]> {
  const candidates = await present([NGINX, MUSTER]);
  const measure = (count: number, converse: Converse) => (candidate: Candidate) =>
    kibEach(candidate, { count, converse, folder });
  const clients = await inTurn(candidates, { rounds, measure: measure(CLIENTS, ask) });
  const sockets = await inTurn(candidates, { rounds, measure: measure(SOCKETS, upgrade) });
  return [
    reportOf(clients, `${CLIENTS} idle connections`),
    reportOf(sockets, `${SOCKETS} idle WebSockets`),
  ];
}

async function kibEach(
  candidate: Candidate,
  { count, converse, folder }: { count: number; converse: Converse; folder: string },
): Promise<number> {
  await using replica = await startReplica();
  await using program = await startCandidate(candidate, { replica, folder });
  const { port } = program;
  await underLoad({ port, connections: WARM_CONNECTIONS, seconds: 1, programs: [program] });
  await pause(SETTLE_MS);
  const before = program.memoryBytes();
  const open: Deno.Conn[] = [];
  try {
    while (open.length < count) {
      const some = await Promise.all(Array.from({ length: AT_ONCE }, () => connectTo(port)));
      open.push(...some);
      await Promise.all(some.map(converse));
    }
    await pause(SETTLE_MS);
    return (program.memoryBytes() - before) / count / KIB;
  } finally {
    for (const conn of open) conn.close();
  }
}

async function ask(conn: Deno.Conn): Promise<void> {
  await send(conn, GET);
  const { received, length } = await answerOn(conn);
  await discard(conn, length - received, new Uint8Array(KIB));
}

async function upgrade(conn: Deno.Conn): Promise<void> {
  await send(conn, UPGRADE);
  const { status } = await answerOn(conn);
  if (status !== 101) throw new Error(`Cannot measure: a WebSocket was answered with ${status}`);
  await send(conn, HELLO);
  await discard(conn, ECHO_BYTES, new Uint8Array(KIB));
}

function reportOf(samples: ReadonlyMap<string, readonly number[]>, title: string): Report {
  const kib = (name: string) => medianBy(samples.get(name), (sample) => sample);
  return {
    title,
    columns: ["", "KiB each", "of nginx"],
    lines: [...samples.keys()].map((name) => [name, shown(kib(name)), shown(kib(name) / kib("nginx"))]),
    marks: samples.has("nginx")
      ? [{ what: "memory each, of nginx's", measured: kib("Muster") / kib("nginx"), bound: { atMost: 3 } }]
      : [],
    note: "What the system keeps for sockets is the same for all, and not counted.",
  };
}
