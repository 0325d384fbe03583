/**
 * A secure cluster on three hosts: a replica on another host is reached through the proxy and by MUSTER_ADDR_<SERVICE>,
 * over TLS all the way; whoever speaks in plain text to one of the programs gets nothing, and no node another's place.
 * @module
 */
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import type { z } from "zod";
import { newKeyToCertify } from "../../lib/agent/identity/signing_request.ts";
import type { PutService } from "../../lib/wire/api.ts";
import { parseJoinToken } from "../../lib/wire/join_token.ts";
import { type LocalProgram, until } from "../../scripts/local_program.ts";
import { replicasIn } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { canMakeNetLab, openNetLab } from "../support/netns.ts";
import { papersOf, refusals, type SecureCluster, startSecureCluster } from "./secure_cluster.ts";

const canRun = granted && canMakeNetLab;
const HELLO = "hello from the other host";
/** Asks its fellow service again and again, and prints what it hears. `$${` is the shell's own. */
const VISITOR = `while true; do
  exec 3<>"/dev/tcp/$\${1%:*}/$\${1##*:}" && printf 'GET / HTTP/1.0\\r\\nhost: greeter\\r\\n\\r\\n' >&3 && cat <&3
  sleep 0.2
done`;

Deno.test({
  name: `a replica on another host is reached over TLS, by proxy and by MUSTER_ADDR, and nothing answers in plain text${
    canRun ? "" : " (ignored: needs root, ip and nft)"
  }`,
  ignore: !canRun,
  fn: async () => {
    await using lab = await openNetLab(3);
    const [first, ...others] = lab.hosts.map(({ prefix, address }) => ({ prefix: prefix!, args: ["--host", address] }));
    await using cluster = await startSecureCluster({ controller: first!, agents: others });
    assertEquals(cluster.agents.length, 2);
    await cluster.scale(2);
    const workers = new Set<string>();
    await until(async () => {
      const { status, text } = await cluster.ask("/");
      assertEquals(status, 200, text);
      workers.add(/ID: (\S+)\. /.exec(text)?.[1] ?? "");
      return workers.size === 2;
    }, { what: "both replicas to answer through the proxy" });

    await put(cluster, "greeter", greeter());
    await put(cluster, "visitor", {
      command: ["bash", "-c", VISITOR, "visitor", "${MUSTER_ADDR_GREETER}"],
      replicas: 2,
      placement: { max_per_node: 1 },
    });
    const visitors = await readyOf(cluster, "visitor", 2);
    const [greeting] = await readyOf(cluster, "greeter", 1);
    const afar = visitors.find(({ node }) => node !== greeting!.node)!;
    assertNotEquals(afar.node, greeting!.node);
    const { nodes } = await cluster.status();
    const agent = cluster.agents.find(({ url }) => url === nodes.find(({ id }) => id === afar.node)!.url)!;
    const heard = async () => (await Deno.readTextFile(`${agent.data}/logs/${afar.id}.out`)).includes(HELLO);
    await until(heard, { what: "the visitor on the other host to hear the greeter", withinMs: 20_000 });

    for (const program of [cluster.controller, ...cluster.agents]) await assertNothingPlain(program);
    const tls = await cluster.askAt(cluster.agents[0]!, "/v1/health");
    assertEquals(tls.status, 401, "over TLS there is an answer, and it is no");
  },
});

Deno.test({
  name: `a node gets no certificate for the controller's host or another node's, and no address there${
    canRun ? "" : " (ignored: needs root, ip and nft)"
  }`,
  ignore: !canRun,
  fn: async (t) => {
    await using lab = await openNetLab(3);
    const [first, ...others] = lab.hosts.map(({ prefix, address }) => ({ prefix: prefix!, args: ["--host", address] }));
    await using cluster = await startSecureCluster({ controller: first!, agents: others });
    const [a, b] = [cluster.agents[0]!, cluster.agents[1]!];
    const { credential: token } = await papersOf(a);
    const { request: signing_request } = await newKeyToCertify();
    const identity = (await Deno.readTextFile(`${a.data}/node-id`)).trim();
    const { id, secret } = parseJoinToken((await cluster.invitation()).token)!;
    const refused = refusals(t, cluster);
    // Asked from this machine, which is none of the three hosts.
    const renew = (url: string) => cluster.ask("/v1/renew", { method: "POST", token, body: { signing_request, url } });
    const registration = { identity, name: "a", labels: {}, capacity: { cpu: 1, memory: 1 } };

    await refused("when it renews its papers", async () => {
      for (const url of [cluster.controller.url, b.url]) assertEquals((await renew(url)).status, 403, url);
      assertEquals((await renew(a.url)).status, 200, "its own");
    });
    await refused("when it registers", async () => {
      for (const url of [cluster.controller.url, b.url]) {
        const { status } = await cluster.ask("/v1/nodes", { method: "POST", token, body: { ...registration, url } });
        assertEquals(status, 403, url);
      }
    });
    await refused("when it joins", async () => {
      for (const url of [cluster.controller.url, b.url]) {
        const stranger = { ...registration, identity: crypto.randomUUID(), url };
        const body = { id, secret, signing_request, registration: stranger };
        assertEquals((await cluster.ask("/v1/join", { method: "POST", body })).status, 403, url);
      }
    });
  },
});

type Spec = z.input<typeof PutService>;

function greeter(): Spec {
  return { command: ["payload", "--greeting", HELLO], replicas: 1, health: { http: "/healthz" } };
}

async function put(cluster: SecureCluster, name: string, spec: Spec): Promise<void> {
  const { status, text } = await cluster.ask(`/v1/services/${name}`, { ...cluster.asAdmin("PUT"), body: spec });
  assertEquals(status, 201, text);
}

async function readyOf(cluster: SecureCluster, service: string, count: number) {
  await cluster.until(
    `${service} to be ready`,
    (status) => replicasIn(status, service).filter(({ ready }) => ready).length === count,
  );
  return replicasIn(await cluster.status(), service);
}

async function assertNothingPlain({ name, url }: LocalProgram): Promise<void> {
  assertMatch(url, /^https:/);
  await assertRejects(() => fetch(url.replace("https:", "http:")), TypeError);
  const { hostname, port } = new URL(url);
  using conn = await Deno.connect({ hostname, port: Number(port) });
  await conn.write(new TextEncoder().encode(`GET /version HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`));
  const buffer = new Uint8Array(1_024);
  const count = await conn.read(buffer) ?? 0;
  assert(!new TextDecoder().decode(buffer.subarray(0, count)).includes("HTTP"), `${name} answered in plain text`);
}
