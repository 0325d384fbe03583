import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Status } from "../../../lib/wire/api.ts";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";

const replica = {
  id: "5f0c1a8e-0000-4000-8000-000000000001",
  slot: 0,
  node: "n1",
  phase: "running" as const,
  ready: true,
  pid: 4_194_304,
  port: 20_001,
  started_at: "2026-03-01T12:00:00Z",
  uptime_s: 185,
  restarts: 0,
  reason: "0 of 2 running",
};

const cluster: Status = {
  cluster: { leader: "127.0.0.1:8000", epoch: 3, version: "0.1.0", revision: 42 },
  services: [{
    name: "payload",
    generation: 1,
    desired: 2,
    ready: 1,
    replicas: [replica, {
      ...replica,
      slot: 1,
      phase: "exited",
      ready: false,
      pid: null,
      port: null,
      uptime_s: null,
      restarts: 12,
      reason: `exited with code 1 \x1b[2J${"again and ".repeat(20)}`,
    }],
  }],
  nodes: [{
    id: "n1",
    name: "a-host-with-quite-a-long-name",
    url: "http://a-host-with-quite-a-long-name.example.org:9090",
    status: "ready",
    labels: {},
    replicas: 2,
    last_seen_s: 0.4,
    version: "0.1.0",
  }],
};

async function show(
  args: readonly string[],
  terminal?: { width: number; colours: boolean },
  found: Status = cluster,
): Promise<string> {
  await using fake = fakeController({ "/status": () => Response.json(found) });
  const call = terminal === undefined ? {} : { terminal };
  const { code, out, errors } = await run(["status", "--server", fake.server, ...args], call);
  assertEquals([code, errors], [0, ""]);
  return out;
}

Deno.test({
  name: "status shows services, replicas, why some are not ready, and nodes by their names",
  ignore: !granted,
  fn: async () => {
    const out = await show([]);
    for (
      const part of [
        "payload  1/2             1  degraded",
        "payload.0  a-host-with-quite-a-long-name  ready   4194304  20001  3 m 05 s",
        "payload.1  exited with code 1 again and",
        "leader 127.0.0.1:8000, epoch 3, revision 42, version 0.1.0",
      ]
    ) assertStringIncludes(out, part);
  },
});

Deno.test({
  name: "status fits a terminal of 80 columns and has no escapes in a pipe",
  ignore: !granted,
  fn: async () => {
    const lines = (await show([], { width: 80, colours: false })).split("\n");
    assertEquals(lines.filter((line) => line.length > 80), []);
    assert(!(await show([])).includes("\x1b"));
    assert((await show([], { width: 80, colours: true })).includes("\x1b[32m"));
  },
});

Deno.test({
  name: "status shows what needs a look first, with a bar on a terminal, and counts what is beyond a screen",
  ignore: !granted,
  fn: async () => {
    const well = Array.from({ length: 30 }, (_, at) => ({ ...cluster.services[0]!, name: `s${at}`, ready: 2 }));
    const services = [...well.map((service) => ({ ...service, replicas: [] })), cluster.services[0]!];
    const out = await show([], { width: 80, colours: false }, { ...cluster, services });
    const [, first = ""] = out.split("\n");
    assertMatch(first, /^payload +████░░░░ 1\/2 /);
    assertStringIncludes(out, "and 11 more: controller ls");
    assertMatch(out, /\npayload\.1 [^]*\npayload\.0 /);
  },
});

Deno.test({
  name: "status marks a node whose version is not the controller's",
  ignore: !granted,
  fn: async () => {
    const nodes = [{ ...cluster.nodes[0]!, version: "0.0.9" }];
    assertStringIncludes(await show([], undefined, { ...cluster, nodes }), "0.0.9 older");
    assert(!(await show([])).includes("older"));
  },
});

Deno.test({
  name: "status -o json gives the controller's answer",
  ignore: !granted,
  fn: async () => assertEquals(JSON.parse(await show(["-o", "json"])), cluster),
});
