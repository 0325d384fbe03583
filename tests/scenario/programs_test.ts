/**
 * Programs that know nothing of Muster, run by the examples of docs/guide/programs.md as they stand there.
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { EndpointList } from "../../lib/wire/api.ts";
import { type Cluster, replicasIn, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { specUnder } from "../support/guide_example.ts";
import { isInstalled } from "../support/installed.ts";
import { canMakeNetLab, openNetLab } from "../support/netns.ts";

const onLinux = granted && Deno.build.os === "linux";

/** A test that needs programs which a machine may lack. */
function test(name: string, programs: readonly string[], fn: () => Promise<void>): void {
  const missing = onLinux ? programs.filter((program) => !isInstalled(program)) : [];
  const reason = missing.length === 0 ? "" : ` (ignored: ${missing.join(", ")} not installed)`;
  Deno.test({ name: `${name}${reason}`, ignore: !onLinux || missing.length > 0, fn });
}

test("python3 -m http.server serves its working folder on every replica", ["python3"], async () => {
  await using cluster = await startCluster({ agents: 2 });
  await cluster.putService("www", specUnder("A web server"));
  for (const { port } of await cluster.ready(2, { service: "www" })) {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    assert((await response.text()).includes("Directory listing"), "the folder is listed");
  }
});

test(
  "Redis starts from its file, survives its agent, and finds its data after scaling to 0 and back",
  ["redis-server"],
  async () => {
    await using cluster = await startCluster({ agents: 2 });
    await cluster.putService("redis", specUnder("Redis with a configuration file"));
    const [first] = await cluster.ready(1, { service: "redis" });
    const homeUrl = (await cluster.status()).nodes.find(({ id }) => id === first!.node)?.url;
    assertEquals(await redis(["-p", String(first!.port), "set", "colour", "red"]), "OK");

    // It writes over its environment, in which its agent would know it again.
    const at = cluster.agents.findIndex(({ url }) => url === homeUrl);
    await cluster.restartAgent(at);
    await cluster.until({
      what: "the restarted agent to have it back",
      check: (status) =>
        replicasIn(status, "redis").some(({ ready, pid, restarts }) => ready && pid === first!.pid && restarts === 0),
    });

    await cluster.scale(0, "redis");
    await cluster.ready(0, { service: "redis" });
    await cluster.scale(1, "redis");
    const [second] = await cluster.ready(1, { service: "redis" });
    assertNotEquals(second!.id, first!.id);
    assertEquals(second!.node, first!.node);
    assertEquals(await redis(["-p", String(second!.port), "get", "colour"]), "red");
  },
);

test("Prometheus scrapes the controller by a file with its address in it", ["prometheus"], async () => {
  await using cluster = await startCluster({ agents: 1 });
  const spec = specUnder("Prometheus that watches Muster");
  const env = { ...spec.env, CONTROLLER: new URL(cluster.controller.url).host };
  await cluster.putService("prometheus", { ...spec, env });
  const [replica] = await cluster.ready(1, { service: "prometheus" });
  const url = `http://127.0.0.1:${replica!.port}/api/v1/query?query=muster_build_info`;
  const version = await until(async () => {
    const { data } = await (await fetch(url)).json();
    return data.result[0]?.metric.version;
  }, { what: "Prometheus to have scraped the controller" });
  assert(/^\d+\.\d+\.\d+/.test(version), version);
});

Deno.test({
  name: `Redis Cluster forms on three hosts by exposed ports and endpoints, and a killed member is back in it${
    canMakeNetLab && isInstalled("redis-server") ? "" : " (ignored: needs root, ip, nft and redis-server)"
  }`,
  ignore: !canMakeNetLab || !isInstalled("redis-server"),
  fn: async () => {
    await using lab = await openNetLab(3);
    await using cluster = await startCluster({ agents: lab.hosts, controller: lab.here });
    await cluster.putService("kv", specUnder("Redis Cluster on three nodes"));
    const replicas = await cluster.ready(3, { service: "kv" });
    const members = await membersOf(cluster);
    assertEquals(members.map(({ host }) => host).toSorted(), lab.hosts.map(({ address }) => address).toSorted());
    const create = ["--cluster", "create", ...members.map(({ host, port }) => `${host}:${port}`), "--cluster-yes"];
    await redis(create);
    await untilWhole(members);
    const [one] = members;
    const at = (member: Member) => ["-c", "-h", member.host, "-p", String(member.port)];
    for (const key of ["a", "b", "c", "d"]) assertEquals(await redis([...at(one!), "set", key, `${key}!`]), "OK");

    Deno.kill(replicas[0]!.pid!, "SIGKILL");
    await cluster.until({
      what: "the killed member to be started again",
      check: ({ services }) =>
        services.some(({ name, ready, replicas }) =>
          name === "kv" && ready === 3 && replicas.some(({ restarts }) => restarts === 1)
        ),
    });
    const again = await membersOf(cluster);
    await untilWhole(again);
    for (const key of ["a", "b", "c", "d"]) assertEquals(await redis([...at(again[1]!), "get", key]), `${key}!`);
  },
});

interface Member {
  host: string;
  port: number;
}

async function membersOf(cluster: Cluster): Promise<Member[]> {
  const response = await fetch(`${cluster.controller.url}/v1/endpoints/kv`);
  const { endpoints } = EndpointList.parse(await response.json());
  return endpoints.map(({ address, ports }) => ({ host: address, port: ports.redis! }));
}

/** Waits until every member says that all of the cluster is there. */
async function untilWhole(members: readonly Member[]): Promise<void> {
  for (const { host, port } of members) {
    let said = "";
    await until(async () => {
      said = await redis(["-h", host, "-p", String(port), "cluster", "info"]);
      return said.includes("cluster_state:ok") && said.includes("cluster_known_nodes:3");
    }, { what: () => `the cluster to be whole, as ${host} says: ${said}`, withinMs: 20_000 });
  }
}

async function redis(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("redis-cli", { args: [...args], stdin: "null" }).output();
  const text = new TextDecoder().decode(stdout).trim();
  if (!success) throw new Error(`redis-cli ${args.join(" ")} failed: ${text} ${new TextDecoder().decode(stderr)}`);
  return text;
}
