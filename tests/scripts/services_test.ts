/**
 * Controller and agent with the flags of their units and a stand-in for systemd: they say when they are ready, show that
 * they live, fall silent when they hang, and the agent is restarted under replicas that run on. Only main processes are
 * signalled, as by KillMode=process.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { CLUSTER, orderOf, putOrders, untilObserved } from "../agent/agent_process.ts";
import { commandLine, endReplicas, type ProgramName, replicaPids, until } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";
import { type NotifySocket, openNotifySocket } from "../support/notify_socket.ts";

const WATCHDOG_MS = 1_500;
const SERVICES = new URL("../../services/", import.meta.url);

interface Unit extends AsyncDisposable {
  data: string;
  /** Starts the main process and waits for READY=1. */
  start(): Promise<Deno.ChildProcess>;
}

Deno.test({
  name: "the agent's unit tells systemd how it is, and its replicas outlive a restart and a watchdog",
  ignore: !granted || Deno.build.os !== "linux",
  fn: async () => {
    await using systemd = await openNotifySocket();
    await using unit = await newUnit("agent", { systemd });

    const first = await unit.start();
    assert(systemd.said.some((line) => line.startsWith("STATUS=Listening on 127.0.0.1:")), systemd.said.join());
    await systemd.hear("WATCHDOG=1");
    const order = orderOf(["sleep", "600"]);
    const { status } = await putOrders(await urlOf(unit), { cluster: CLUSTER, replicas: [order] });
    assertEquals(status, 200);
    const [replica] = await until(() => someReplicas(unit), { what: "the replica" });
    const runsOn = async () => {
      assertEquals(await replicaPids(unit.data), [replica]);
      await untilObserved(await urlOf(unit), {
        replica: order.assignment.id,
        wanted: ({ pid, restarts }) => pid === replica && restarts === 0,
      });
    };
    await runsOn();

    first.kill("SIGTERM");
    assertEquals((await first.status).code, 0);
    await systemd.hear("STOPPING=1");
    assertEquals(await replicaPids(unit.data), [replica]);

    const second = await unit.start();
    await runsOn();
    await hang(second, systemd);

    await unit.start();
    await runsOn();
  },
});

Deno.test({
  name: "the controller's unit tells systemd that it is ready, lives and stops, and nothing when it hangs",
  ignore: !granted || Deno.build.os !== "linux",
  fn: async () => {
    await using systemd = await openNotifySocket();
    await using unit = await newUnit("controller", { systemd });
    const first = await unit.start();
    await systemd.hear("WATCHDOG=1");
    await hang(first, systemd);

    const main = await unit.start();
    main.kill("SIGTERM");
    assertEquals((await main.status).code, 0);
    await systemd.hear("STOPPING=1");
  },
});

async function newUnit(name: ProgramName, { systemd }: { systemd: NotifySocket }): Promise<Unit> {
  const folder = await Deno.makeTempDir({ prefix: "muster-test-unit-" });
  const flags = await flagsOf(name, folder);
  const data = join(folder, "muster", name);
  const env = { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: String(WATCHDOG_MS * 1_000) };
  const [program = "", ...line] = commandLine(name);
  // A binary has this flag built in.
  const begin = line[0] === "run" ? ["run", "--unstable-net", ...line.slice(1)] : line;
  const args = [...begin, ...flags, "--port", "0", "--log-level", "warn"];
  const started: Deno.ChildProcess[] = [];
  return {
    data,
    start: async () => {
      const after = systemd.said.length;
      const child = new Deno.Command(program, { args, env, stdin: "null", stdout: "null" }).spawn();
      started.push(child);
      await systemd.hear("READY=1", { after });
      return child;
    },
    [Symbol.asyncDispose]: async () => {
      const main = started.at(-1);
      if (main !== undefined) await killIfThere(main);
      await endReplicas(data);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** What the unit starts the program with, with this folder as systemd's for state. */
async function flagsOf(name: ProgramName, stateFolder: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(`${name}.service`, SERVICES));
  const [, flags = ""] = /^ExecStart=\S+ (.*)$/m.exec(text) ?? [];
  return flags.split(" ").map((flag) => flag.replace("%S", stateFolder));
}

/** Lets a program hang until systemd misses its signs of life, and ends it as systemd would. */
async function hang(main: Deno.ChildProcess, systemd: NotifySocket): Promise<void> {
  main.kill("SIGSTOP");
  await systemd.silence(WATCHDOG_MS);
  main.kill("SIGKILL");
  await main.status;
}

async function urlOf({ data }: Unit): Promise<string> {
  return `http://${await Deno.readTextFile(`${data}/agent.addr`)}`;
}

async function someReplicas({ data }: Unit): Promise<number[] | undefined> {
  const pids = await replicaPids(data);
  return pids.length > 0 ? pids : undefined;
}

async function killIfThere(main: Deno.ChildProcess): Promise<void> {
  try {
    main.kill("SIGKILL");
  } catch (error) {
    // It has ended as it should.
    if (!(error instanceof TypeError)) throw error;
  }
  await main.status;
}
