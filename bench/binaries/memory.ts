/**
 * The memory of a small cluster of binaries at rest. Reads `/proc`: RSS counts whatever of the runtime's file is mapped,
 * which the system may take back at any time and binaries share, so `anonymous`, what is the process's own, is told too.
 * @module
 */
import { startProgram, until } from "../../scripts/local_program.ts";

/** At rest: so long after the last change. */
const REST_MS = 10_000;
const REPLICAS = 3;
const KIB_PER_MIB = 1_024;

export interface Memory {
  what: string;
  rssMib: number;
  pssMib: number;
  anonymousMib: number;
}

interface Replica {
  ready: boolean;
  pid: number | null;
}

/** A controller with one node, first without replicas, then with some. The binaries are those of MUSTER_BINARIES. */
export async function measureMemory(): Promise<Memory[]> {
  await using controller = await startProgram("controller");
  await using agent = await startProgram("agent", { args: ["--controller", controller.url] });
  const status = async () => await (await fetch(`${controller.url}/status`)).json();
  await until(async () => (await status()).nodes[0]?.status === "ready", { what: "the node" });
  await rest();
  const empty = [
    await memoryOf("controller, 1 node", controller.pid),
    await memoryOf("agent, no replicas", agent.pid),
  ];

  const replicas = async () => (await status()).services[0].replicas as Replica[];
  const scale = (count: number) => scaleTo(controller.url, count);
  await scale(REPLICAS);
  await until(async () => (await replicas()).filter(({ ready }) => ready).length === REPLICAS, {
    what: "the replicas",
  });
  await rest();
  const [first] = await replicas();
  const full = [
    await memoryOf(`controller, ${REPLICAS} replicas`, controller.pid),
    await memoryOf(`agent, ${REPLICAS} replicas`, agent.pid),
    await memoryOf(`payload, one of ${REPLICAS}`, first!.pid!),
  ];
  await scale(0);
  await until(async () => (await replicas()).length === 0, { what: "the replicas to end" });
  return [...empty, ...full];
}

function rest(): Promise<void> {
  return new Promise((done) => setTimeout(done, REST_MS));
}

async function scaleTo(url: string, replicas: number): Promise<void> {
  const response = await fetch(`${url}/scale`, { method: "POST", body: JSON.stringify({ replicas }) });
  if (!response.ok) throw new Error(`Cannot scale to ${replicas}: ${response.status} ${await response.text()}`);
  await response.body?.cancel();
}

async function memoryOf(what: string, pid: number): Promise<Memory> {
  const rollup = await Deno.readTextFile(`/proc/${pid}/smaps_rollup`);
  const mib = (name: string) => Number(rollup.match(new RegExp(`^${name}:\\s+(\\d+)`, "m"))![1]) / KIB_PER_MIB;
  return { what, rssMib: mib("Rss"), pssMib: mib("Pss"), anonymousMib: mib("Anonymous") };
}
