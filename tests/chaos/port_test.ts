/**
 * Row 26: a replica's port is taken. All ports that an agent may give are squatted on, which only a network namespace of
 * its own allows.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { canMakeNetLab, type NetHost, openNetLab } from "../support/netns.ts";
import { isReady, orderOf, startOrderedAgent } from "./ordered_agent.ts";

/** What the system itself takes; an agent gives its replicas the ports beyond. */
const EPHEMERAL = "20000 64000";
const [FROM, TO] = [64_001, 65_535];

Deno.test({
  name: `chaos 26: when ports are taken three are tried, then it is said${canMakeNetLab ? "" : " (needs root)"}`,
  ignore: !canMakeNetLab,
  fn: async () => {
    await using lab = await openNetLab(1);
    const [host] = lab.hosts;
    await setEphemeral(host!);
    await using squatter = await startSquatter(host!);
    await using agent = await startOrderedAgent({ prefix: host!.prefix!, args: host!.args! });
    const order = orderOf(["sleep", "600"], {
      restart: { backoff: "100ms", backoff_max: "200ms", attempts: 100, window: "5m" },
    });
    const { id } = order.assignment;
    await agent.put({ replicas: [order] });
    const { reason } = await agent.observed(id, (seen) => seen.reason.includes("no free port"));
    const tried = reason.match(/no free port: ([\d, ]+) are in use/)?.[1]?.split(", ") ?? [];
    assertEquals(new Set(tried).size, 3, reason);
    for (const port of tried) assert(Number(port) >= FROM && Number(port) <= TO, reason);
    await squatter[Symbol.asyncDispose]();
    const { port } = await agent.observed(id, isReady);
    assert(port! >= FROM && port! <= TO);
  },
});

async function setEphemeral({ prefix }: NetHost): Promise<void> {
  const [program = "", ...args] = prefix ?? [];
  const script = `echo ${EPHEMERAL} >/proc/sys/net/ipv4/ip_local_port_range`;
  const { success } = await new Deno.Command(program, { args: [...args, "/bin/sh", "-c", script] }).output();
  assert(success);
}

/** Listens on every port of the range, and gives them back when it is disposed of. */
async function startSquatter({ prefix }: NetHost): Promise<AsyncDisposable> {
  const script = `
    for (let port = ${FROM}; port <= ${TO}; port++) Deno.listen({ hostname: "127.0.0.1", port });
    console.log("all taken");
    setInterval(() => {}, 60_000);`;
  const [program = "", ...args] = [...prefix ?? [], Deno.execPath(), "eval", "--no-config", script];
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "piped" }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) said += text;
  })();
  const end = async () => {
    try {
      child.kill("SIGKILL");
    } catch (error) {
      // It was ended before.
      if (!(error instanceof TypeError)) throw error;
    }
    await child.status;
    await reading;
  };
  await using stack = new AsyncDisposableStack();
  stack.defer(end);
  await until(() => said.includes("all taken"), { what: "the squatter" });
  stack.move();
  return { [Symbol.asyncDispose]: end };
}
