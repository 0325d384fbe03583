/**
 * `deno run -A bench/tunnel_bench.ts [turns]`: 1 GiB through an agent's CONNECT tunnel and through a plain loop in a
 * process of its own, in turn, in one run, both ways, to the same replica. What counts are the CPU seconds of the process
 * that carries. Linux only.
 * @module
 */
import { Health } from "../lib/cluster/health.ts";
import { cpuSeconds } from "./cpu_seconds.ts";
import { isReady, orderOf, startOrderedAgent } from "../tests/chaos/ordered_agent.ts";

const GIB = 1_024 ** 3;
const BUFFER_BYTES = 262_144;

const WAYS = ["get", "put"] as const;
type Way = (typeof WAYS)[number];

/** A process that carries bytes to the replica. */
interface Carrier {
  name: string;
  pid: number;
  connect: () => Promise<Deno.Conn>;
}

interface Sample {
  cpuS: number;
  wallS: number;
}

async function main([turns = "5"]: string[]): Promise<void> {
  await using agent = await startOrderedAgent();
  const command = [Deno.execPath(), "run", "-A", pathOf("replica.ts")];
  const order = orderOf(command, { health: Health.parse({ tcp: true }) });
  await agent.put({ replicas: [order] });
  const { id } = order.assignment;
  const { port } = await agent.observed(id, isReady);
  const loop = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", pathOf("plain_loop.ts"), String(port)],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  try {
    const loopPort = await announcedPort(loop);
    const carriers: Carrier[] = [
      { name: "plain loop, 256 KiB", pid: loop.pid, connect: () => connectTo(loopPort) },
      { name: "agent's tunnel", pid: agent.pid, connect: () => openTunnel(new URL(agent.url), id) },
    ];
    for (const way of WAYS) await compare(carriers, { way, turns: Number(turns) });
  } finally {
    loop.kill("SIGKILL");
    await loop.status;
  }
}

async function compare(carriers: readonly Carrier[], { way, turns }: { way: Way; turns: number }): Promise<void> {
  const samples = new Map<string, Sample[]>(carriers.map(({ name }) => [name, []]));
  // The first turn warms up and does not count.
  for (let turn = 0; turn <= turns; turn++) {
    for (const carrier of carriers) {
      const sample = await measure(carrier, way);
      if (turn > 0) samples.get(carrier.name)!.push(sample);
    }
  }
  const [base] = samples.values();
  for (const [name, own] of samples) {
    const cpuS = medianOf(own, "cpuS");
    const ratio = (cpuS / medianOf(base!, "cpuS")).toFixed(2);
    const what = `1 GiB ${way === "get" ? "from" : "to"} the replica, ${name}`;
    const range = `${Math.min(...own.map((sample) => sample.cpuS)).toFixed(2)}–${
      Math.max(...own.map((sample) => sample.cpuS)).toFixed(2)
    }`;
    console.log(
      `${what.padEnd(48)} ${cpuS.toFixed(2)} s CPU (${range})  ${ratio} ×  ${medianOf(own, "wallS").toFixed(2)} s`,
    );
  }
}

async function measure(carrier: Carrier, way: Way): Promise<Sample> {
  const beforeS = cpuSeconds(carrier.pid);
  const startedMs = performance.now();
  using conn = await carrier.connect();
  await conn.write(new TextEncoder().encode(`${way} ${GIB}\n`));
  const buffer = new Uint8Array(BUFFER_BYTES);
  if (way === "put") {
    for (let left = GIB; left > 0;) left -= await conn.write(buffer.subarray(0, Math.min(left, BUFFER_BYTES)));
  }
  let received = 0;
  for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) received += read;
  const wanted = way === "get" ? GIB : "ok".length;
  if (received !== wanted) throw new Error(`Cannot measure ${carrier.name}: ${received} bytes came, not ${wanted}`);
  return { cpuS: cpuSeconds(carrier.pid) - beforeS, wallS: (performance.now() - startedMs) / 1_000 };
}

async function openTunnel(agent: URL, replica: string): Promise<Deno.Conn> {
  const conn = await connectTo(Number(agent.port));
  await conn.write(new TextEncoder().encode(`CONNECT ${replica} HTTP/1.1\r\nHost: ${agent.host}\r\n\r\n`));
  let head = "";
  const buffer = new Uint8Array(1);
  // Byte by byte: what follows the head is the tunnel's own.
  while (!head.endsWith("\r\n\r\n")) {
    if (await conn.read(buffer) === null) throw new Error(`Cannot open a tunnel: the agent says ${head}`);
    head += String.fromCharCode(buffer[0]!);
  }
  if (!head.startsWith("HTTP/1.1 200 ")) throw new Error(`Cannot open a tunnel: the agent says ${head}`);
  return conn;
}

function connectTo(port: number): Promise<Deno.Conn> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

async function announcedPort(child: Deno.ChildProcess): Promise<number> {
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) return Number(text.trim());
  throw new Error("Cannot measure: the plain loop ended before it listened");
}

function medianOf(samples: readonly Sample[], key: keyof Sample): number {
  return samples.map((sample) => sample[key]).toSorted((a, b) => a - b)[samples.length >> 1]!;
}

function pathOf(script: string): string {
  return new URL(`tunnel/${script}`, import.meta.url).pathname;
}

if (import.meta.main) await main(Deno.args);
