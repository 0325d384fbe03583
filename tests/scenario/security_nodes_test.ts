/**
 * Proofs of docs/security.md, between nodes: what an agent or somebody who has stolen its papers can do to the controller
 * and to other agents, which is little, and nothing from the moment on at which its node is removed.
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { CONTROLLER, NODES } from "../../lib/wire/credential.ts";
import { openTunnel } from "../../lib/wire/tunnel.ts";
import { type LocalProgram, until } from "../../scripts/local_program.ts";
import { replicasIn } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { authorityIn, forge, type HeldAuthority, rogueAuthority, selfStyled } from "./forged.ts";
import { type Asked, papersOf, refusals, type SecureCluster, startSecureCluster } from "./secure_cluster.ts";

const REVOKED_WITHIN_MS = 2_000;
const ANSWER_MS = 5_000;
/** Longer than clocks may differ. */
const OVER_SINCE_MS = 120_000;
const canRun = granted && Deno.build.os === "linux";
const REPLICA = "00000000-0000-4000-8000-000000000001";

/** An agent's routes by which orders are given and taken. */
const CONTROL: readonly [path: string, asked: Asked][] = [
  ["/v1/health", {}],
  ["/v1/assignments", { method: "PUT", body: { cluster: REPLICA, epoch: 9, revision: 9, node: "x", replicas: [] } }],
  ["/v1/endpoints", { method: "PUT", body: { cluster: REPLICA, epoch: 9, seq: 9, after: null, services: [] } }],
  ["/v1/observations", {}],
  [`/v1/replicas/${REPLICA}/logs`, {}],
  [`/v1/replicas/${REPLICA}/signal`, { method: "POST", body: { signal: "SIGKILL", epoch: 9, revision: 9 } }],
  ["/metrics", {}],
];

/** What only people may do, by their roles. */
const PEOPLES: readonly [path: string, asked: Asked][] = [
  ["/scale", { method: "POST", body: { replicas: 3 } }],
  ["/add-node", { method: "POST", body: { url: "https://127.0.0.1:1" } }],
  ["/v1/services/intruder", { method: "PUT", body: { command: ["payload"], replicas: 1 } }],
  ["/v1/services/payload", { method: "DELETE" }],
  ["/v1/tokens", { method: "POST", body: { name: "intruder", role: "admin" } }],
  ["/v1/join-tokens", { method: "POST", body: {} }],
  ["/v1/authority/rotate", { method: "POST" }],
  ["/v1/session", { method: "POST" }],
  ["/status", {}],
  ["/v1/events", {}],
  ["/v1/tokens", {}],
  ["/v1/audit", {}],
];

Deno.test({
  name: "a node's credentials are for that node, for that purpose, and in time",
  ignore: !canRun,
  fn: async (t) => {
    await using cluster = await startSecureCluster({ agents: 2 });
    await cluster.scale(2);
    const [a, b] = [cluster.agents[0]!, cluster.agents[1]!];
    const papers = await papersOf(a);
    const [idA, idB] = [await identityOf(a), await identityOf(b)];
    const authority = await authorityIn(cluster.controller.data);
    const order = (audience: string, by: HeldAuthority = authority, overSinceMs?: number) => {
      const whose = { cluster: papers.cluster, subject: CONTROLLER, audience };
      return forge(whose, by, overSinceMs === undefined ? {} : { overSinceMs });
    };
    const refused = refusals(t, cluster);

    await refused("no credential at an agent: 401", async () => {
      await assertControl(cluster, a, undefined, 401);
      await assertNoTunnel(cluster, { to: a, status: 401 });
    });
    await refused("a wrong one: 401", async () => {
      const forged = await selfStyled({ cluster: papers.cluster, subject: CONTROLLER, audience: idA }, authority);
      const rogue = await order(idA, await rogueAuthority(papers.cluster));
      for (const token of ["guess", cluster.adminToken, rogue, ...forged]) {
        await assertControl(cluster, a, token, 401);
        await assertNoTunnel(cluster, { to: a, token, status: 401 });
      }
    });
    await refused("an expired one: 401 at the agent and at the controller", async () => {
      await assertControl(cluster, a, await order(idA, authority, OVER_SINCE_MS), 401);
      const whose = { cluster: papers.cluster, subject: idA };
      const peer = await forge({ ...whose, audience: NODES }, authority, { overSinceMs: OVER_SINCE_MS });
      await assertNoTunnel(cluster, { to: b, token: peer, status: 401 });
      const own = await forge({ ...whose, audience: CONTROLLER }, authority, { overSinceMs: OVER_SINCE_MS });
      assertEquals((await cluster.ask("/v1/nodes", registering(a, idA, own))).status, 401);
    });
    await refused("another node's at an agent: 403, 401, 401", async () => {
      await assertControl(cluster, b, papers.peer_credential, 403);
      await assertControl(cluster, b, papers.credential, 401);
      await assertControl(cluster, b, await order(idA), 401);
    });
    await refused("captured and replayed elsewhere: 401", async () => {
      // What B was shown by A, and A by the controller.
      assertEquals((await cluster.ask("/v1/nodes", registering(a, idA, papers.peer_credential))).status, 401);
      const renewal = { method: "POST", body: {}, token: papers.peer_credential };
      assertEquals((await cluster.ask("/v1/renew", renewal)).status, 401);
      assertEquals((await cluster.ask("/status", { token: await order(idA), from: "127.0.0.2" })).status, 401);
      await assertNoTunnel(cluster, { to: b, token: await order(idA), status: 401 });
    });
    await refused("a node is led to replicas, and to nothing else on another host", async () => {
      const access = { agentToken: papers.peer_credential, caCerts: cluster.caCerts };
      for (const [target, status] of [["127.0.0.1:22", 403], ["localhost:80", 403], [REPLICA, 404]] as const) {
        const signal = AbortSignal.timeout(ANSWER_MS);
        const open = () => openTunnel({ nodeUrl: b.url, replica: target }, { ...access, signal });
        await assertRejects(open, Error, `its agent answered ${status}`, target);
      }
    });
    await refused("agent A reporting for B: 403", async () => {
      assertEquals((await cluster.ask("/v1/nodes", registering(a, idB, papers.credential))).status, 403);
      assertEquals((await cluster.ask("/v1/nodes", registering(b, idB, papers.credential))).status, 403);
    });
    await refused("an agent calling people's routes: 403", async () => {
      const node = await cluster.nodeOf(b);
      const deletion = [`/v1/nodes/${node}?force=true`, { method: "DELETE" }] as const;
      for (const [path, asked] of [...PEOPLES, deletion, [`/v1/nodes/${node}/drain`, { method: "POST" }] as const]) {
        const { status } = await cluster.ask(path, { ...asked, token: papers.credential });
        assertEquals([asked.method, path, status], [asked.method, path, 403]);
      }
    });
    await t.step("and each counts where it is meant to", async () => {
      assertEquals((await cluster.askAt(a, "/v1/health", { token: await order(idA) })).status, 200);
      assertEquals((await cluster.ask("/v1/nodes", registering(a, idA, papers.credential))).status, 200);
      const conn = await tunnelTo(cluster, b, papers.peer_credential);
      conn.close();
    });
  },
});

Deno.test({
  name:
    "a node that is removed is shut out within 2 s, by the controller and by other agents, tunnels included, until it is invited again",
  ignore: !canRun,
  fn: async () => {
    await using cluster = await startSecureCluster({ agents: 2 });
    await cluster.scale(2);
    const [a, b] = [cluster.agents[0]!, cluster.agents[1]!];
    const { credential, peer_credential: peer } = await papersOf(a);
    const [nodeA, nodeB] = [await cluster.nodeOf(a), await cluster.nodeOf(b)];
    const idA = await identityOf(a);
    const conn = await tunnelTo(cluster, b, peer);
    const cut = untilCut(conn);
    const own = { ...registering(a, idA, credential), from: "127.0.0.2" };
    assertEquals((await cluster.ask("/v1/nodes", own)).status, 200);

    const { status } = await cluster.ask(`/v1/nodes/${nodeA}?force=true`, cluster.asAdmin("DELETE"));
    assertEquals(status, 200);
    const sinceMs = performance.now();
    const within = () => REVOKED_WITHIN_MS - (performance.now() - sinceMs);
    assertEquals((await cluster.ask("/v1/nodes", own)).status, 401, "at once");
    assertEquals((await cluster.ask("/v1/renew", { ...own, body: {} })).status, 401);
    await cut;
    assert(within() > 0, "the tunnel was cut in time");
    await assertNoTunnel(cluster, { to: b, token: peer, status: 401 });
    await until(async () => (await cluster.askAt(b, "/v1/health", { token: peer })).status === 401, {
      what: "B to refuse what A shows",
      withinMs: within(),
    });
    await cluster.until("A to be gone, and B to carry everything", (seen) => {
      const replicas = replicasIn(seen);
      return seen.nodes.every(({ id }) => id === nodeB) && replicas.length === 2 &&
        replicas.every(({ node, ready }) => node === nodeB && ready);
    });
    assertEquals((await cluster.ask("/v1/nodes", own)).status, 401, "and later");

    await a.stop("SIGKILL");
    const { path } = await cluster.invitation();
    const again = await cluster.begin("agent", { ...cluster.joining(path), data: a.data });
    await again.logged("Registered at the controller");
    const { credential: newer, peer_credential: newerPeer } = await papersOf(again);
    assertEquals((await cluster.ask("/v1/nodes", registering(again, idA, newer))).status, 200);
    await assertControl(cluster, b, newerPeer, 403);
  },
});

async function identityOf({ data }: LocalProgram): Promise<string> {
  return (await Deno.readTextFile(`${data}/node-id`)).trim();
}

function registering({ url }: LocalProgram, identity: string, token: string): Asked {
  const body = { url, identity, name: "x", labels: { zone: "theirs" }, capacity: { cpu: 1, memory: 1 } };
  return { method: "POST", body, token };
}

async function assertControl(
  cluster: SecureCluster,
  agent: LocalProgram,
  token: string | undefined,
  expected: number,
): Promise<void> {
  for (const [path, asked] of CONTROL) {
    const { status } = await cluster.askAt(agent, path, { ...asked, ...(token !== undefined && { token }) });
    assertEquals([path, status], [path, expected]);
  }
}

/** To a replica on that agent. */
async function tunnelTo(cluster: SecureCluster, to: LocalProgram, token: string | undefined): Promise<Deno.Conn> {
  const node = await cluster.nodeOf(to);
  const replica = replicasIn(await cluster.status()).find((each) => each.node === node)!.id;
  const access = { agentToken: token, caCerts: cluster.caCerts, signal: AbortSignal.timeout(ANSWER_MS) };
  return (await openTunnel({ nodeUrl: to.url, replica }, access)).conn;
}

async function assertNoTunnel(
  cluster: SecureCluster,
  { to, token, status }: { to: LocalProgram; token?: string; status: number },
): Promise<void> {
  await assertRejects(() => tunnelTo(cluster, to, token), Error, `its agent answered ${status}`);
}

/** Reads until nothing more can come. */
async function untilCut(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1_024);
  try {
    while (await conn.read(buffer) !== null);
  } catch (error) {
    // Cut in the middle: no close_notify came.
    if (!(error instanceof Error)) throw error;
  } finally {
    conn.close();
  }
}
