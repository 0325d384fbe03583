/**
 * A small network for tests: hosts in network namespaces of their own, around a switch whose ports can be silenced, so
 * that packets vanish without anybody being told. This machine has a place in it too, to ask and to watch. Linux, root
 * and the tools `ip`, `ss` and `nft` only; nothing of it is left once it is disposed of.
 * @module
 */
import { until } from "../../scripts/local_program.ts";
import { granted } from "./granted.ts";
import type { Place } from "./cluster.ts";

export interface NetLab extends AsyncDisposable {
  /** This machine's own place in the network. */
  here: Place;
  hosts: readonly NetHost[];
  /** Silently drops what these hosts send, what is sent to them, or both. */
  cut: (hosts: readonly NetHost[], direction?: "both" | "from" | "to") => Promise<void>;
  /** Loses so many of a hundred packets, by chance, each way. */
  lose: (percent: number) => Promise<void>;
  /** Silently drops what belongs to the connections that a host has open now; new ones are let through. */
  sever: (host: NetHost) => Promise<void>;
  /** Lets everything through again. */
  heal: () => Promise<void>;
  /** Ends everything that runs on a host, at once. */
  killAll: (host: NetHost) => Promise<void>;
}

export interface NetHost extends Place {
  namespace: string;
  address: string;
  /** The switch's port that leads to it. */
  switchPort: string;
}

/** For benchmarks of network devices (RFC 2544): no machine has such an address by chance. */
const NETWORK = "198.18";

/** Whether such a network can be made here. */
export const canMakeNetLab = granted && Deno.build.os === "linux" && Deno.uid() === 0 && await isPossible();

export async function openNetLab(hostCount: number): Promise<NetLab> {
  const [subnet = 0, first = 0, second = 0] = crypto.getRandomValues(new Uint8Array(3));
  const name = `mst${first.toString(16)}${second.toString(16)}`;
  const net = `${NETWORK}.${subnet}`;
  const hub = `${name}-hub`;
  await using stack = new AsyncDisposableStack();
  const addNamespace = async (namespace: string) => {
    await run("ip", ["netns", "add", namespace]);
    stack.defer(async () => {
      await run("ip", ["netns", "delete", namespace]);
    });
    stack.defer(() => killAllIn(namespace));
    await run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
  };
  await addNamespace(hub);
  await run("ip", ["-n", hub, "link", "add", "br0", "type", "bridge"]);
  await run("ip", ["-n", hub, "link", "set", "br0", "up"]);

  await run("ip", ["link", "add", name, "type", "veth", "peer", "name", "p0", "netns", hub]);
  stack.defer(async () => {
    await run("ip", ["link", "delete", name]);
  });
  await run("ip", ["address", "add", `${net}.254/24`, "dev", name]);
  await run("ip", ["link", "set", name, "up"]);
  await plugIn(hub, "p0");

  const hosts: NetHost[] = [];
  for (let at = 1; at <= hostCount; at++) {
    const [namespace, address, switchPort] = [`${name}-h${at}`, `${net}.${at}`, `p${at}`];
    await addNamespace(namespace);
    await run("ip", [
      "link",
      "add",
      "eth0",
      "netns",
      namespace,
      "type",
      "veth",
      "peer",
      "name",
      switchPort,
      "netns",
      hub,
    ]);
    await run("ip", ["-n", namespace, "address", "add", `${address}/24`, "dev", "eth0"]);
    await run("ip", ["-n", namespace, "link", "set", "eth0", "up"]);
    await plugIn(hub, switchPort);
    const place = { prefix: ["ip", "netns", "exec", namespace], args: ["--host", address, "--insecure"] };
    hosts.push({ ...place, namespace, address, switchPort });
  }
  const filter = (rules: readonly string[]) => setRules(hub, rules);
  const owned = stack.move();
  return {
    here: { args: ["--host", `${net}.254`, "--insecure"] },
    hosts,
    cut: (cutOff, direction = "both") => filter(cutOff.flatMap(({ switchPort }) => dropRules(switchPort, direction))),
    lose: (percent) => filter([`numgen random mod 100 < ${percent} drop`]),
    sever: async ({ namespace }) => {
      const open = await run("ip", ["netns", "exec", namespace, "ss", "-Htn", "state", "established"]);
      await filter(open.split("\n").filter(Boolean).flatMap(severingRules));
    },
    heal: () => filter([]),
    killAll: ({ namespace }) => killAllIn(namespace),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function plugIn(hub: string, port: string): Promise<void> {
  await run("ip", ["-n", hub, "link", "set", port, "master", "br0", "up"]);
}

function dropRules(port: string, direction: "both" | "from" | "to"): string[] {
  const rules = { from: [`iifname "${port}" drop`], to: [`oifname "${port}" drop`] };
  return direction === "both" ? [...rules.from, ...rules.to] : rules[direction];
}

/** For a line of `ss`: two sizes of queues, and both ends. */
function severingRules(line: string): string[] {
  const [near, far] = line.trim().split(/\s+/).slice(2, 4).map((end) => /^(.+):(\d+)$/.exec(end)!);
  const from = ([, address, port]: RegExpExecArray) => `ip saddr ${address} tcp sport ${port}`;
  const to = ([, address, port]: RegExpExecArray) => `ip daddr ${address} tcp dport ${port}`;
  const isLocal = near![1] === far![1];
  return isLocal ? [] : [`${from(near!)} ${to(far!)} drop`, `${from(far!)} ${to(near!)} drop`];
}

/** The switch forwards by these rules from now on. A filter on a host itself would tell the sender. */
async function setRules(hub: string, rules: readonly string[]): Promise<void> {
  const chain = `chain forward {\ntype filter hook forward priority 0\n${rules.join("\n")}\n}`;
  const script = `table bridge lab {}\ndelete table bridge lab\ntable bridge lab {\n${chain}\n}\n`;
  await run("ip", ["netns", "exec", hub, "nft", "-f", "-"], script);
}

async function killAllIn(namespace: string): Promise<void> {
  const running = async () => (await run("ip", ["netns", "pids", namespace])).split("\n").filter(Boolean).map(Number);
  await until(async () => {
    const pids = await running();
    for (const pid of pids) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    return pids.length === 0;
  }, { what: `everything in ${namespace} to be killed` });
}

async function run(program: string, args: readonly string[], input = ""): Promise<string> {
  const command = new Deno.Command(program, { args: [...args], stdin: "piped", stdout: "piped", stderr: "piped" });
  await using child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (!success) throw new Error(`Cannot run ${program} ${args.join(" ")}: ${text(stderr)}`);
  return text(stdout);
}

/** Tries what a container without privileges refuses, and a machine may lack. */
async function isPossible(): Promise<boolean> {
  const name = `mst-probe-${crypto.randomUUID().slice(0, 8)}`;
  try {
    await run("ip", ["netns", "add", name]);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return false;
  }
  try {
    await setRules(name, []);
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return false;
  } finally {
    await run("ip", ["netns", "delete", name]);
  }
}
