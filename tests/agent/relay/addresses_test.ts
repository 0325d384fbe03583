/**
 * Addresses of services on a host, with real sockets: programs that connect, and replicas that are any function of
 * their connections.
 * @module
 */
import { until } from "../../../scripts/local_program.ts";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type Addresses, type AddressesOptions, openAddresses } from "../../../lib/agent/relay/addresses.ts";
import { writeAll } from "../../../lib/agent/http/http_connection.ts";
import { isDisconnect } from "../../../lib/runtime/disconnect.ts";
import type { ServiceSpec } from "../../../lib/cluster/service.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { seededRandom } from "../../../lib/runtime/random.ts";
import type { PeerEndpoint } from "../../../lib/wire/protocol.ts";
import { assignment, CLUSTER, idOf, specNamed } from "../../support/builders.ts";
import { granted } from "../../support/granted.ts";
import { memoryOf, order } from "../../support/little_agent.ts";
import { echo } from "../relay_scene.ts";

const WEB: ServiceSpec = specNamed("web", { env: { DB: "${MUSTER_ADDR_DB}" } });
const PORTS = { from: 20_000, to: 29_999 };

interface Host extends AsyncDisposable {
  addresses: Addresses;
  /** The replicas that were reached or tried, in this order. */
  reached: string[];
  /** Makes endpoints of the service `db` known. */
  tell: (...endpoints: PeerEndpoint[]) => void;
  connect: () => Promise<Deno.TcpConn>;
}

interface HostOptions extends Partial<AddressesOptions> {
  replicas?: Record<string, (conn: Deno.Conn) => Promise<void>>;
}

/** A host whose agent knows the replicas by name; one that is not named can't be reached. */
async function startHost({ replicas = {}, ...options }: HostOptions = {}): Promise<Host> {
  const closing = new AbortController();
  const stack = new AsyncDisposableStack();
  const path = options.path ?? await Deno.makeTempDir({ prefix: "muster-addresses-" });
  if (options.path === undefined) stack.defer(() => Deno.remove(path, { recursive: true }));
  const ends: Promise<void>[] = [];
  const reached: string[] = [];
  let seq = 0;
  const addresses = await openAddresses({
    path,
    memory: memoryOf(1, [order(assignment(1, { service: "web" }), { env: WEB.env })]),
    ports: PORTS,
    random: seededRandom(1),
    clock: systemClock,
    signal: closing.signal,
    reach: async ({ replica }) => {
      reached.push(replica);
      const behaviour = replicas[replica];
      if (behaviour === undefined) throw new Deno.errors.ConnectionRefused("nobody there");
      using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const conn = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
      ends.push(play(await listener.accept(), behaviour));
      return { conn, early: new TextEncoder().encode(`${replica} `), leave: () => {} };
    },
    ...options,
  });
  stack.defer(async () => {
    closing.abort();
    await Promise.all(ends);
  });
  return {
    addresses,
    reached,
    tell: (...endpoints) => {
      const services = [{ name: "db", endpoints }];
      seq += 1;
      assertEquals(
        addresses.take({ cluster: CLUSTER, epoch: 1, seq, after: seq === 1 ? null : seq - 1, services, revoked: [] }),
        true,
      );
    },
    connect: async () => {
      const [hostname, port] = (await addresses.variablesFor(WEB)).MUSTER_ADDR_DB!.split(":");
      return await Deno.connect({ hostname: hostname!, port: Number(port) });
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function play(conn: Deno.Conn, behaviour: (conn: Deno.Conn) => Promise<void>): Promise<void> {
  using replica = conn;
  try {
    await behaviour(replica);
  } catch (error) {
    if (!isDisconnect(error)) throw error;
  }
}

function at(replica: string, { suspect = false } = {}): PeerEndpoint {
  return { replica, url: "http://elsewhere:9090", suspect };
}

/** Sends the text and its end, and reads all that comes. */
async function exchange(conn: Deno.TcpConn, text: string): Promise<string> {
  await writeAll(conn, new TextEncoder().encode(text));
  await conn.closeWrite();
  return await new Response(conn.readable).text();
}

/** A listener that was closed goes a little later than that: within one process that can be told, between two it can't. */
async function untilFree(port: number): Promise<void> {
  await until(() => {
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      return false;
    }
  }, { what: `port ${port} to be free` });
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `addresses: ${name}`, ignore: !granted, fn });
}

test("a spec's mentions and what all are told become variables, each with a port that stays", async () => {
  await using host = await startHost();
  const spec = specNamed("web", { command: ["web", "${MUSTER_ADDR_MY_DB}"] });
  const first = await host.addresses.variablesFor(spec);
  assertEquals(Object.keys(first), ["MUSTER_ADDR_MY_DB"]);
  assertMatch(first.MUSTER_ADDR_MY_DB!, /^127\.0\.0\.1:2\d{4}$/);
  host.addresses.announced({ cluster: CLUSTER, epoch: 1, revision: 1, node: "n1", replicas: [], services: ["cache"] });
  const second = await host.addresses.variablesFor(spec);
  assertEquals(Object.keys(second).toSorted(), ["MUSTER_ADDR_CACHE", "MUSTER_ADDR_MY_DB"]);
  assertEquals(second.MUSTER_ADDR_MY_DB, first.MUSTER_ADDR_MY_DB);
});

test("a connection is carried to a ready replica and back, what the replica says first too, in turn", async () => {
  await using host = await startHost({ replicas: { a: echo, b: echo } });
  host.tell(at("a"), at("b"));
  assertEquals(await exchange(await host.connect(), "one"), "a one");
  assertEquals(await exchange(await host.connect(), "two"), "b two");
});

test("another replica is tried when one is out of reach, and it is chosen last for a while", async () => {
  await using host = await startHost({ replicas: { c: echo } });
  host.tell(at("a"), at("b"), at("c"));
  assertEquals(await exchange(await host.connect(), "x"), "c x");
  assertEquals(host.reached, ["a", "b", "c"]);
  assertEquals(await exchange(await host.connect(), "y"), "c y");
  assertEquals(host.reached.at(-1), "c");
  assertEquals(host.reached.length, 4);
});

test("a connection waits until a replica is ready", async () => {
  await using host = await startHost({ replicas: { a: echo } });
  const answer = exchange(await host.connect(), "early");
  while (host.addresses.connections === 0) await systemClock.sleep(1);
  host.tell(at("a"));
  assertEquals(await answer, "a early");
});

test("a connection that no replica can take is closed after a while", async () => {
  await using host = await startHost({ holdMs: 50 });
  using conn = await host.connect();
  assertEquals(await conn.read(new Uint8Array(1)), null);
  host.tell(at("a"));
  using other = await host.connect();
  assertEquals(await other.read(new Uint8Array(1)), null);
  assertEquals(host.reached.includes("a"), true);
});

test("a connection to a lost host is cut, and one to a withdrawn replica is not", async () => {
  await using host = await startHost({ replicas: { a: echo, b: echo } });
  host.tell(at("a"), at("b"));
  const conns = [await host.connect(), await host.connect()];
  const buffer = new Uint8Array(9);
  for (const conn of conns) await conn.read(buffer);
  host.tell(at("a", { suspect: true }), at("b"));
  host.tell();
  const [lost, withdrawn] = conns;
  assertEquals(await lost!.read(buffer).catch((error) => isDisconnect(error) ? null : error), null);
  lost!.close();
  assertEquals(await exchange(withdrawn!, "still"), "still");
});

test("an agent's successor takes the same ports again, and knows where services are without a controller", async () => {
  const path = await Deno.makeTempDir({ prefix: "muster-addresses-" });
  try {
    const replica = idOf("replica", 1);
    let before: Record<string, string>;
    {
      await using host = await startHost({ path });
      before = await host.addresses.variablesFor(WEB);
      host.tell(at(replica));
      // Kept a while later.
      while (!(await Deno.readTextFile(`${path}/addresses.json`)).includes(replica)) await systemClock.sleep(10);
    }
    await untilFree(Number(before.MUSTER_ADDR_DB!.split(":")[1]));
    await using host = await startHost({ path, replicas: { [replica]: echo } });
    assertEquals(host.addresses.knownVariablesFor(WEB), before);
    assertEquals(host.addresses.position, { epoch: 1, seq: 1 });
    assertEquals(await exchange(await host.connect(), "again"), `${replica} again`);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});

test("an address that no replica here was told is given up, and endpoints of another cluster are forgotten", async () => {
  const path = await Deno.makeTempDir({ prefix: "muster-addresses-" });
  try {
    const port = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const free = port.addr.port;
    port.close();
    const endpoints = { epoch: 1, seq: 5, services: [{ name: "db", endpoints: [] }], revoked: [] };
    const cluster = "00000000-0000-4000-8000-0000000000dd";
    await Deno.writeTextFile(
      `${path}/addresses.json`,
      JSON.stringify({ cluster, ports: { db: free, gone: free }, told: [], endpoints }),
    );
    await using host = await startHost({ path });
    assertEquals(host.addresses.knownVariablesFor(WEB), { MUSTER_ADDR_DB: `127.0.0.1:${free}` });
    assertEquals(host.addresses.position, { epoch: 0, seq: 0 });
    assertEquals(host.addresses.knownVariablesFor(specNamed("x", { env: { G: "${MUSTER_ADDR_GONE}" } })), {});
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});

test("a damaged file is no reason not to start", async () => {
  const path = await Deno.makeTempDir({ prefix: "muster-addresses-" });
  try {
    await Deno.writeTextFile(`${path}/addresses.json`, '{"ports":');
    await using host = await startHost({ path });
    assertEquals(host.addresses.knownVariablesFor(WEB), {});
    assertEquals(Object.keys(await host.addresses.variablesFor(WEB)), ["MUSTER_ADDR_DB"]);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});

test("an address that can't be kept is not told", async () => {
  await using host = await startHost({ path: "/nowhere/at/all" });
  await assertRejects(() => host.addresses.variablesFor(WEB), Error, "Cannot write");
  await assertRejects(() => host.addresses.variablesFor(WEB), Error, "Cannot write");
});
