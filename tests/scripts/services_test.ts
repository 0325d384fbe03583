/**
 * Controller and agent as their units run them, with a stand-in for systemd: they say when they are ready and show that
 * they live, and the agent is restarted under replicas that run on. Only main processes are signalled, as by
 * KillMode=process.
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CLUSTER, orderOf, putOrders } from "../agent/agent_process.ts";
import { commandLine, endReplicas, type ProgramName, replicaPids, until } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";
import { type NotifySocket, openNotifySocket } from "../support/notify_socket.ts";

const WATCHDOG_MS = 1_500;
const UNIT = granted ? await Deno.readTextFile(new URL("../../services/agent.service", import.meta.url)) : "";

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
    await using unit = await newUnit("agent", { systemd, flags: ["--on-exit", "leave"] });

    const first = await unit.start();
    assert(systemd.said.some((line) => line.startsWith("STATUS=Listening on 127.0.0.1:")), systemd.said.join());
    await systemd.hear("WATCHDOG=1");
    const { status } = await putOrders(await urlOf(unit), { cluster: CLUSTER, replicas: [orderOf(["sleep", "600"])] });
    assertEquals(status, 200);
    const [replica] = await until(() => someReplicas(unit), { what: "the replica" });

    first.kill("SIGTERM");
    assertEquals((await first.status).code, 0);
    await systemd.hear("STOPPING=1");
    assertEquals(await replicaPids(unit.data), [replica]);

    const second = await unit.start();
    second.kill("SIGSTOP");
    await systemd.silence(WATCHDOG_MS);
    second.kill("SIGKILL");
    await second.status;

    await unit.start();
    assertEquals(await replicaPids(unit.data), [replica]);
  },
});

Deno.test({
  name: "the controller's unit tells systemd that it is ready, lives and stops",
  ignore: !granted || Deno.build.os !== "linux",
  fn: async () => {
    await using systemd = await openNotifySocket();
    await using unit = await newUnit("controller", { systemd });
    const main = await unit.start();
    await systemd.hear("WATCHDOG=1");
    main.kill("SIGTERM");
    assertEquals((await main.status).code, 0);
    await systemd.hear("STOPPING=1");
  },
});

Deno.test({
  name: "the agent's unit leaves replicas running, and ends its main process only",
  ignore: !granted,
  fn: () => {
    assertStringIncludes(UNIT, "--on-exit leave\n");
    assertStringIncludes(UNIT, "\nKillMode=process\n");
  },
});

async function newUnit(
  name: ProgramName,
  { systemd, flags = [] }: { systemd: NotifySocket; flags?: string[] },
): Promise<Unit> {
  const data = await Deno.makeTempDir({ prefix: "muster-test-unit-" });
  const env = { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: String(WATCHDOG_MS * 1_000) };
  const [program = "", ...line] = commandLine(name);
  // A binary has this flag built in.
  const begin = line[0] === "run" ? ["run", "--unstable-net", ...line.slice(1)] : line;
  const args = [...begin, "--port", "0", "--data", data, "--log-level", "warn", ...flags];
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
      await Deno.remove(data, { recursive: true });
    },
  };
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
