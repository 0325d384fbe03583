/**
 * Muster's proxy beside a bare `fetch` proxy and Caddy, each alone on one core, in turn, in one run. The load comes
 * from the other core (`wrk`), where the replica is too. Quote the CPU per request: it is steadier than the rest.
 *
 *     deno run -A bench/proxy_bench.ts [seconds a turn] [turns]      needs Linux, two cores, wrk and caddy
 * @module
 */

const PROXY_CORE = 0;
const LOAD_CORE = 1;
const CONNECTIONS = 32;
/** A tick of /proc/PID/stat: USER_HZ is 100 on every Linux that Deno runs on. */
const TICK_US = 10_000;
const READY_MS = 10_000;

interface Candidate {
  name: string;
  command: (ports: { own: number; replica: number }) => string[];
  env?: Record<string, string>;
}

interface Sample {
  requestsPerSecond: number;
  cpuUsPerRequest: number;
}

const CANDIDATES: readonly Candidate[] = [
  { name: "Deno.serve + bare fetch", command: ({ own, replica }) => deno("bare_fetch.ts", own, replica) },
  { name: "Muster", command: ({ own, replica }) => deno("muster.ts", own, replica) },
  {
    name: "Caddy, GOMAXPROCS=1",
    // Given a host too, it would speak TLS.
    command: ({ own, replica }) => ["caddy", "reverse-proxy", "--from", `:${own}`, "--to", `127.0.0.1:${replica}`],
    env: { GOMAXPROCS: "1" },
  },
];

async function main([seconds = "4", turns = "3"]: string[]): Promise<void> {
  const replica = pinned(LOAD_CORE, deno("replica.ts"), { stdout: "piped" });
  try {
    const port = await announcedPort(replica);
    const samples = new Map<string, Sample[]>(CANDIDATES.map(({ name }) => [name, []]));
    for (let turn = 0; turn < Number(turns); turn++) {
      for (const candidate of CANDIDATES) {
        samples.get(candidate.name)?.push(await measure(candidate, { replica: port, seconds: Number(seconds) }));
      }
    }
    print(samples);
  } finally {
    replica.kill("SIGKILL");
    await replica.status;
  }
}

async function measure(
  { command, env }: Candidate,
  { replica, seconds }: { replica: number; seconds: number },
): Promise<Sample> {
  const own = freePort();
  const proxy = pinned(PROXY_CORE, command({ own, replica }), env === undefined ? {} : { env });
  try {
    const url = `http://127.0.0.1:${own}/`;
    await answering(url);
    await load(url, 1);
    const before = cpuTicks(proxy.pid);
    const { requests, requestsPerSecond } = await load(url, seconds);
    return { requestsPerSecond, cpuUsPerRequest: (cpuTicks(proxy.pid) - before) * TICK_US / requests };
  } finally {
    proxy.kill("SIGKILL");
    await proxy.status;
  }
}

async function load(url: string, seconds: number): Promise<{ requests: number; requestsPerSecond: number }> {
  const args = ["-c", String(LOAD_CORE), "wrk", "-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, url];
  const { stdout } = await new Deno.Command("taskset", { args }).output();
  const text = new TextDecoder().decode(stdout);
  const [, requests] = /(\d+) requests in/.exec(text) ?? [];
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(text) ?? [];
  if (requests === undefined || rate === undefined || /Non-2xx|Socket errors/.test(text)) {
    throw new Error(`Cannot measure ${url}: wrk says\n${text}`);
  }
  return { requests: Number(requests), requestsPerSecond: Number(rate) };
}

/** User and system time of a process; its command's name, which may hold anything, ends with the last bracket. */
function cpuTicks(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function pinned(
  core: number,
  command: string[],
  options: { env?: Record<string, string>; stdout?: "piped" } = {},
): Deno.ChildProcess {
  const settings = { stdin: "null", stdout: "null", stderr: "null", ...options } as const;
  return new Deno.Command("taskset", { args: ["-c", String(core), ...command], ...settings }).spawn();
}

function deno(script: string, ...args: number[]): string[] {
  const path = new URL(`proxy/${script}`, import.meta.url).pathname;
  return [Deno.execPath(), "run", "-A", path, ...args.map(String)];
}

async function announcedPort(child: Deno.ChildProcess): Promise<number> {
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) return Number(text.trim());
  throw new Error("Cannot measure: the replica ended before it listened");
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function answering(url: string): Promise<void> {
  const giveUpAt = performance.now() + READY_MS;
  for (;;) {
    try {
      const response = await fetch(url);
      await response.body?.cancel();
      if (response.ok) return;
      throw new Error(`Cannot measure ${url}: it answers ${response.status}`);
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function print(samples: ReadonlyMap<string, readonly Sample[]>): void {
  const [first = []] = samples.values();
  const base = medianOf(first, "requestsPerSecond");
  const lines = [["proxy", "requests/s", "of bare fetch", "CPU µs/request"]];
  for (const [name, own] of samples) {
    const rate = medianOf(own, "requestsPerSecond");
    const cpu = medianOf(own, "cpuUsPerRequest");
    lines.push([name, rate.toFixed(0), (rate / base).toFixed(2), cpu.toFixed(1)]);
  }
  const text = lines.map(([name = "", ...cells]) => name.padEnd(26) + cells.map((cell) => cell.padStart(16)).join(""));
  Deno.stdout.writeSync(new TextEncoder().encode(`${text.join("\n")}\n`));
}

function medianOf(samples: readonly Sample[], key: keyof Sample): number {
  const values = samples.map((sample) => sample[key]).toSorted((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? NaN;
}

if (import.meta.main) await main(Deno.args);
