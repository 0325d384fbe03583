/**
 * `deno run -A bench/secure_bench.ts [turns]`: what TLS and credentials cost an agent, beside an agent without them, in
 * turn, in one run: questions as a controller asks them, and 1 GiB through a tunnel. What counts are the agent's CPU
 * seconds. Linux only.
 * @module
 */
import { cpuSeconds } from "./cpu_seconds.ts";
import { type MeasuredAgent, startMeasured } from "./secure/agents.ts";

const GIB = 1_024 ** 3;
const BUFFER_BYTES = 262_144;
const QUESTIONS = 5_000;

const REPLICA = new URL("tunnel/replica.ts", import.meta.url).pathname;

type Work = (agent: MeasuredAgent) => Promise<void>;

const WORKS: Readonly<Record<string, Work>> = {
  [`${QUESTIONS} × GET /v1/health`]: async (agent) => {
    for (let asked = 0; asked < QUESTIONS; asked++) await (await agent.fetch("/v1/health")).text();
  },
  "1 GiB from a replica by a tunnel": async (agent) => {
    using conn = await openTunnel(agent);
    await conn.write(new TextEncoder().encode(`get ${GIB}\n`));
    const buffer = new Uint8Array(BUFFER_BYTES);
    let received = 0;
    for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) received += read;
    if (received !== GIB) throw new Error(`Cannot measure ${agent.name}: ${received} bytes came, not ${GIB}`);
  },
};

async function main([turns = "5"]: string[]): Promise<void> {
  const command = [Deno.execPath(), "run", "-A", REPLICA];
  await using open = await startMeasured("open", { secure: false, command });
  await using secure = await startMeasured("TLS and credentials", { secure: true, command });
  const agents = [open, secure];
  for (const [what, work] of Object.entries(WORKS)) {
    const samples = new Map<string, number[]>(agents.map(({ name }) => [name, []]));
    // The first turn warms up and does not count.
    for (let turn = 0; turn <= Number(turns); turn++) {
      for (const agent of agents) {
        const beforeS = cpuSeconds(agent.pid);
        await work(agent);
        if (turn > 0) samples.get(agent.name)!.push(cpuSeconds(agent.pid) - beforeS);
      }
    }
    report(what, samples);
  }
}

function report(what: string, samples: ReadonlyMap<string, number[]>): void {
  const [base] = samples.values();
  for (const [name, own] of samples) {
    const range = `${Math.min(...own).toFixed(2)}–${Math.max(...own).toFixed(2)}`;
    const ratio = (medianOf(own) / medianOf(base!)).toFixed(2);
    console.log(`${what}, ${name}`.padEnd(60), `${medianOf(own).toFixed(2)} s CPU (${range})  ${ratio} ×`);
  }
}

async function openTunnel({ port, replica, secure }: MeasuredAgent): Promise<Deno.Conn> {
  const plain = await Deno.connect({ hostname: "127.0.0.1", port });
  const conn = secure === undefined
    ? plain
    : await Deno.startTls(plain, { hostname: "127.0.0.1", caCerts: secure.caCerts });
  const credential = secure === undefined ? "" : `Authorization: Bearer ${secure.credential}\r\n`;
  await conn.write(new TextEncoder().encode(`CONNECT ${replica} HTTP/1.1\r\nHost: ${replica}\r\n${credential}\r\n`));
  let head = "";
  const buffer = new Uint8Array(1);
  // Byte by byte: what follows the head is the tunnel's own.
  while (!head.endsWith("\r\n\r\n")) {
    if (await conn.read(buffer) === null) break;
    head += String.fromCharCode(buffer[0]!);
  }
  if (!head.startsWith("HTTP/1.1 200 ")) throw new Error(`Cannot open a tunnel: the agent says ${head}`);
  return conn;
}

function medianOf(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1]!;
}

if (import.meta.main) await main(Deno.args);
