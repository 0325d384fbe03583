/**
 * `deno run -A bench/supervision_bench.ts`: how fast replicas come back and come up, beside PM2 where npm can install it
 * and beside a bare loop. Everything runs on loopback in one go; times are medians of what this machine showed.
 * @module
 */
import { type LocalProgram, startProgram, until } from "../scripts/local_program.ts";
import { type FeedLine, FeedLine as FeedLineSchema } from "../lib/wire/protocol.ts";
import { Pm2 } from "./pm2.ts";

const ROUNDS = 15;
const MANY = 100;

type Seen = FeedLine & { atMs: number };

/** Everything that an agent says, with the time at which it arrived. */
async function follow(agent: LocalProgram, signal: AbortSignal): Promise<Seen[]> {
  const seen: Seen[] = [];
  const response = await fetch(`${agent.url}/v1/observations?after=0`, { signal });
  const read = async () => {
    let rest = "";
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop()!;
      for (const line of lines) seen.push({ ...FeedLineSchema.parse(JSON.parse(line)), atMs: performance.now() });
    }
  };
  read().catch((error) => {
    if (!signal.aborted) throw error;
  });
  return await Promise.resolve(seen);
}

async function call(method: string, url: string, body: unknown): Promise<void> {
  const response = await fetch(url, { method, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  await response.body?.cancel();
}

function observed(seen: readonly Seen[], sinceMs: number) {
  return seen.flatMap((line) => (line.kind === "observation" && line.atMs >= sinceMs ? [line] : []));
}

function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1]!;
}

function row(what: string, samples: readonly number[], note = ""): void {
  const sorted = samples.toSorted((a, b) => a - b);
  const range = `${sorted[0]!.toFixed(0)}–${sorted.at(-1)!.toFixed(0)}`;
  console.log(`${what.padEnd(62)} ${median(samples).toFixed(0).padStart(6)} ms  (${range})${note && `  ${note}`}`);
}

/** From the start of a payload's process to its first "ready". */
async function payloadStart(): Promise<number> {
  const startedMs = performance.now();
  await using payload = await startProgram("payload");
  const ready = async () => {
    const response = await fetch(`${payload.url}/readyz`);
    await response.body?.cancel();
    return response.ok;
  };
  await until(ready, { what: "the payload" });
  return performance.now() - startedMs;
}

/** kill -9 of each replica of a service, one after the other: when its new process was there, and when it was ready. */
async function crashes(seen: () => Seen[], service: string): Promise<{ pid: number[]; ready: number[] }> {
  const times = { pid: [] as number[], ready: [] as number[] };
  const alive = () =>
    new Map(
      observed(seen(), 0).flatMap(({ observation }) =>
        observation.service === service && observation.ready ? [[observation.replica, observation.pid!]] : []
      ),
    );
  await until(() => alive().size === ROUNDS, { what: `${ROUNDS} replicas of ${service}` });
  for (const [replica, pid] of alive()) {
    const killedMs = performance.now();
    Deno.kill(pid, "SIGKILL");
    const find = (wanted: "pid" | "ready") => () =>
      observed(seen(), killedMs).find(({ observation }) =>
        observation.replica === replica && observation.pid !== null && observation.pid !== pid &&
        (wanted === "pid" || observation.ready)
      );
    times.pid.push((await until(find("pid"), { what: "a new process" })).atMs - killedMs);
    times.ready.push((await until(find("ready"), { what: "a ready replica" })).atMs - killedMs);
  }
  return times;
}

/** The same processes from a loop that does nothing else: as session leaders, which the agent's are, or as children. */
async function bareLoop({ detached }: { detached: boolean }): Promise<number> {
  const nothing = { stdin: "null", stdout: "null", stderr: "null" } as const;
  const startedMs = performance.now();
  const children = Array.from(
    { length: MANY },
    () => new Deno.Command("sleep", { args: ["1000"], detached, ...nothing }).spawn(),
  );
  const tookMs = performance.now() - startedMs;
  for (const child of children) child.kill("SIGKILL");
  await Promise.all(children.map((child) => child.status));
  return tookMs;
}

async function scaleUp(controller: LocalProgram, seen: Seen[]): Promise<number> {
  const startedMs = performance.now();
  await call("POST", `${controller.url}/v1/services/many/scale`, { replicas: MANY });
  await until(
    () =>
      new Set(observed(seen, startedMs).flatMap(({ observation }) => observation.ready ? [observation.replica] : []))
        .size >= MANY,
    {
      what: "all replicas",
    },
  );
  return performance.now() - startedMs;
}

async function rssMib(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(status.match(/VmRSS:\s+(\d+)/)![1]) / 1_024;
}

async function main(): Promise<void> {
  await using controller = await startProgram("controller");
  await using agent = await startProgram("agent", { args: ["--controller", controller.url] });
  await using second = await startProgram("agent", { args: ["--controller", controller.url] });
  const closing = new AbortController();
  const seen = await follow(agent, closing.signal);
  const seenBySecond = await follow(second, closing.signal);
  await until(async () => (await (await fetch(`${controller.url}/status`)).json()).nodes.length === 2, {
    what: "two nodes",
  });
  console.log(
    `controller ${(await rssMib(controller.pid)).toFixed(0)} MiB RSS at rest, agent ${
      (await rssMib(agent.pid)).toFixed(0)
    } MiB (from source, Deno ${Deno.version.deno})`,
  );

  const starts: number[] = [];
  for (let round = 0; round < ROUNDS; round++) starts.push(await payloadStart());
  row("payload alone: start to ready", starts);

  const all = () => [...seen, ...seenBySecond];
  const health = { http: "/readyz" };
  await call("PUT", `${controller.url}/v1/services/web`, { command: ["payload"], replicas: ROUNDS, health });
  const healed = await crashes(all, "web");
  row("replica killed with -9: to its new pid", healed.pid);
  row(
    "replica killed with -9: to ready",
    healed.ready,
    `less the payload's own start: ${(median(healed.ready) - median(starts)).toFixed(0)} ms`,
  );
  await call("POST", `${controller.url}/v1/services/web/scale`, { replicas: 0 });

  await call("PUT", `${controller.url}/v1/services/idle`, { command: ["sleep", "1000"], replicas: ROUNDS });
  const pm2 = await Pm2.install();
  row("sleep killed with -9: to its new pid, Muster", (await crashes(all, "idle")).pid);
  if (pm2 !== undefined) row("sleep killed with -9: to its new pid, PM2", await pm2.restarts(ROUNDS));
  await call("POST", `${controller.url}/v1/services/idle/scale`, { replicas: 0 });

  second.kill("SIGINT");
  await second.ended;
  await many(controller, seen);
  if (pm2 !== undefined) row(`${MANY} processes by pm2 start`, [await pm2.startMany(MANY)]);
  await pm2?.[Symbol.asyncDispose]();
  await leaving(controller, agent);
  closing.abort();
}

/** Many replicas of a program that does nothing, on one agent. */
async function many(controller: LocalProgram, seen: Seen[]): Promise<void> {
  await call("PUT", `${controller.url}/v1/services/many`, { command: ["sleep", "1000"], replicas: 0 });
  const muster: number[] = [];
  const leaders: number[] = [];
  const children: number[] = [];
  for (let round = 0; round < 5; round++) {
    leaders.push(await bareLoop({ detached: true }));
    children.push(await bareLoop({ detached: false }));
    muster.push(await scaleUp(controller, seen));
    const stoppedMs = performance.now();
    await call("POST", `${controller.url}/v1/services/many/scale`, { replicas: 0 });
    await until(() => seen.filter((line) => line.kind === "gone" && line.atMs >= stoppedMs).length >= MANY, {
      what: "all to stop",
    });
  }
  const ratios = [leaders, children].map((loop) => (median(muster) / median(loop)).toFixed(2));
  row(`${MANY} sleeping replicas: scale to all running, Muster`, muster, `${ratios.join(" and ")} × the loops below`);
  row(`${MANY} session leaders from a bare loop`, leaders);
  row(`${MANY} plain children from a bare loop`, children);
}

/** Ctrl-C on an agent: how long until its replicas are ready on another. */
async function leaving(controller: LocalProgram, stays: LocalProgram): Promise<void> {
  const samples: number[] = [];
  for (let round = 0; round < 5; round++) {
    await using leaves = await startProgram("agent", { args: ["--controller", controller.url] });
    const status = async () => await (await fetch(`${controller.url}/status`)).json();
    const nodeOf = async (program: LocalProgram) =>
      (await status()).nodes.find((node: { url: string }) => node.url === program.url);
    await until(async () => (await nodeOf(leaves))?.status === "ready", { what: "the agent" });
    await call("POST", `${controller.url}/scale`, { replicas: 4 });
    const home = await nodeOf(stays);
    const readyAt = async (node?: string) => {
      const payload = (await status()).services.find((service: { name: string }) => service.name === "payload");
      return payload.replicas.filter((one: { ready: boolean; node: string }) =>
        one.ready && (node === undefined || one.node === node)
      ).length;
    };
    await until(async () => await readyAt() === 4, { what: "four replicas" });
    const startedMs = performance.now();
    leaves.kill("SIGINT");
    await until(async () => await readyAt(home.id) === 4, { what: "all four elsewhere" });
    samples.push(performance.now() - startedMs);
    await leaves.ended;
    await call("POST", `${controller.url}/scale`, { replicas: 0 });
    await until(async () => await readyAt() === 0, { what: "none" });
  }
  row("Ctrl-C on an agent with 2 of 4 replicas: to all ready elsewhere", samples, "with the payload's own start");
}

if (import.meta.main) await main();
