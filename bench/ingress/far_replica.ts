/**
 * The same small answers from a replica on another host, a network namespace here: Muster goes through its agent's tunnel,
 * nginx through a second nginx. Both hops share a core, and their CPU is added up.
 * @module
 */
import { canMakeNetLab, openNetLab } from "../../tests/support/netns.ts";
import { underLoad } from "./load.ts";
import { musterCommand, NGINX, present } from "./peers.ts";
import { denoCommand, freePort, type Program, startProgram } from "./program.ts";
import { inTurn, medianBy, type Plan, type Report, shown } from "./report.ts";
import { startReplica } from "./scene.ts";

const CONNECTIONS = 32;

/** Where the far hop and its replica are. */
interface Far {
  address: string;
  prefix: readonly string[];
  replica: Program;
  folder: string;
}

interface Way {
  name: string;
  /** The near hop comes first. */
  open: (far: Far) => Promise<Program[]>;
}

const WAYS: readonly Way[] = [{ name: "nginx, two hops", open: byNginx }, { name: "Muster, tunnel", open: byTunnel }];

export async function farReplica({ seconds, rounds, folder }: Plan): Promise<Report[]> {
  if (!canMakeNetLab) {
    console.log("Network namespaces can't be made here: the replica on another host is left out");
    return [];
  }
  await using lab = await openNetLab(1);
  const { address, prefix = [] } = lab.hosts[0]!;
  await using replica = await startReplica({ prefix, ready: "hidden" });
  const hasNginx = (await present([NGINX])).length > 0;
  const samples = await inTurn(hasNginx ? WAYS : WAYS.slice(1), {
    rounds,
    measure: async ({ open }) => {
      await using stack = new AsyncDisposableStack();
      const programs = (await open({ address, prefix, replica, folder })).map((program) => stack.use(program));
      return await underLoad({ port: programs[0]!.port, connections: CONNECTIONS, seconds, programs });
    },
  });
  const cpu = (name: string) => medianBy(samples.get(name), ({ cpuUsPerRequest }) => cpuUsPerRequest);
  const [nginx, muster] = WAYS.map(({ name }) => cpu(name)) as [number, number];
  return [{
    title: `Small answers of a replica on another host, ${CONNECTIONS} connections, both hops on one core`,
    columns: ["", "CPU µs/request, both hops", "of nginx", "requests/s"],
    lines: [...samples].map(([name, own]) => [
      name,
      shown(cpu(name)),
      shown(cpu(name) / nginx),
      medianBy(own, ({ requestsPerSecond }) => requestsPerSecond).toFixed(0),
    ]),
    marks: hasNginx ? [{ what: "CPU of both hops, of nginx's", measured: muster / nginx, bound: { atMost: 1.4 } }] : [],
  }];
}

async function byTunnel({ address, prefix, replica }: Far): Promise<Program[]> {
  const agentPort = freePort();
  const relay = await startProgram({
    command: denoCommand("relay.ts", address, agentPort, replica.port),
    port: agentPort,
    hostname: address,
    prefix,
    ready: "listens",
  });
  const port = freePort();
  const ends = { port, replica: { hostname: address, port: replica.port } };
  const command = musterCommand(ends, { nodeUrl: `http://${address}:${agentPort}` });
  return [await startProgram({ command, port }), relay];
}

async function byNginx({ address, prefix, replica, folder }: Far): Promise<Program[]> {
  const farPort = freePort();
  const local = { hostname: "127.0.0.1", port: replica.port };
  const second = await NGINX.command({ hostname: address, port: farPort, replica: local, folder: `${folder}/second` });
  const far = await startProgram({ command: second, port: farPort, hostname: address, prefix });
  const port = freePort();
  const command = await NGINX.command({ port, replica: { hostname: address, port: farPort }, folder });
  return [await startProgram({ command, port }), far];
}
