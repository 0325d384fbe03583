/**
 * Ports of the ingress that lead to a service byte for byte: to those replicas only whose check is good, elsewhere within
 * moments when another one has the role, and with the sessions of the one that lost it cut.
 * @module
 */
import { assertEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";

const SERVER = new URL("../support/role_server.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** A port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function greetingAt(port: number): Promise<string> {
  try {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    return await readLine(conn);
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.ConnectionRefused)) throw error;
    return "";
  }
}

async function readLine(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(256);
  const count = await conn.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0)).trim();
}

function database(file: string, { writes, reads }: { writes: number; reads: number }) {
  return {
    command: [Deno.execPath(), "run", "-A", "--no-check", "--config", CONFIG, SERVER, file],
    replicas: 2,
    ports: { db: 0 },
    health: { http: "/", interval: "200ms", start_period: "20s" },
    tcp: [
      { port: writes, target: "db", check: { http: "/primary", port: "main", interval: "100ms", unhealthy_after: 1 } },
      { port: reads, target: "db", balance: "round_robin" as const },
    ],
  };
}

Deno.test({
  name: "writes go to the primary and reads to all, and a session ends when its replica loses the role",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, "0");
    const ports = { writes: freePort(), reads: freePort() };
    await using cluster: Cluster = await startCluster({ agents: 2, controller: { args: ["--ingress-port", "0"] } });
    await cluster.putService("db", database(file, ports));
    await cluster.ready(2, { service: "db" });
    await until(async () => await greetingAt(ports.writes) === "slot 0", { what: "the primary to be found" });
    for (let asked = 0; asked < 6; asked++) assertEquals(await greetingAt(ports.writes), "slot 0");
    const readers = new Set<string>();
    await until(async () => readers.add(await greetingAt(ports.reads)).isSupersetOf(new Set(["slot 0", "slot 1"])), {
      what: "both to be read from",
    });

    using session = await Deno.connect({ hostname: "127.0.0.1", port: ports.writes });
    assertEquals(await readLine(session), "slot 0");
    await session.write(new TextEncoder().encode("hello\n"));
    assertEquals(await readLine(session), "hello");
    await Deno.writeTextFile(file, "1");
    // Its end, or that it was cut: nothing more comes from the one that was the primary.
    assertEquals(await readLine(session).catch(() => ""), "");
    await until(async () => await greetingAt(ports.writes) === "slot 1", { what: "the other one to be the primary" });
    await Deno.remove(file);
  },
});
