/**
 * Proofs of docs/security.md, at the controller's port: strangers, people and browsers who are not let in, or not so far.
 * Each request is refused with its status, and each leaves the cluster as it was.
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";
import { type Asked, refusals, type SecureCluster, startSecureCluster } from "./secure_cluster.ts";

const GUESS = "muster_guess";
const REVOKED_WITHIN_MS = 2_000;
const FAILURES_MAX = 10;
/** Other addresses of this machine, so that who is locked out is not who looks after it. */
const ATTACKERS = { guesses: "127.0.0.2", forges: "127.0.0.3", joins: "127.0.0.4" };
const canRun = granted && Deno.build.os === "linux";

const WRITES: readonly [path: string, asked: Asked][] = [
  ["/scale", { method: "POST", body: { replicas: 3 } }],
  ["/add-node", { method: "POST", body: { url: "https://127.0.0.1:1" } }],
  ["/v1/services/intruder", { method: "PUT", body: { command: ["payload"], replicas: 1 } }],
  ["/v1/tokens", { method: "POST", body: { name: "intruder", role: "admin" } }],
  ["/v1/join-tokens", { method: "POST", body: {} }],
  ["/v1/authority/rotate", { method: "POST" }],
];
const READS = ["/status", "/v1/nodes", "/v1/services", "/v1/events", "/v1/tokens", "/v1/audit"];

Deno.test({
  name: "a secure controller refuses strangers and their guesses",
  ignore: !canRun,
  fn: async (t) => {
    await using cluster = await startSecureCluster({ agents: 0 });
    const refused = refusals(t, cluster);

    await refused("no credential", () => assertUnauthorized(cluster, {}));
    await refused("a wrong one", () => assertUnauthorized(cluster, { token: GUESS }));
    await refused("what is open tells no secret", async () => {
      for (const path of ["/healthz", "/readyz", "/version", "/v1/authority"]) {
        const { status, text } = await cluster.ask(path);
        assertEquals([path, status], [path, 200]);
        assert(!text.includes("PRIVATE") && !text.includes(cluster.adminToken));
      }
    });
    await refused("brute force: the 11th try is not looked at, and others are", () => assertLockedOut(cluster));
    await refused("a forged X-Forwarded-For does not dodge the lock-out", async () => {
      const guess = (at: number) => ({
        token: GUESS,
        from: ATTACKERS.forges,
        headers: { "x-forwarded-for": `203.0.113.${at}`, forwarded: `for=203.0.113.${at}`, "x-real-ip": "203.0.113.1" },
      });
      for (let at = 0; at < FAILURES_MAX; at++) assertEquals((await cluster.ask("/status", guess(at))).status, 401);
      assertEquals((await cluster.ask("/status", guess(FAILURES_MAX))).status, 429);
    });
    await refused("brute force on join tokens", async () => {
      const registration = { url: "https://127.0.0.1:1", identity: crypto.randomUUID(), name: "x", labels: {} };
      const body = {
        id: crypto.randomUUID(),
        secret: "a".repeat(43),
        signing_request: "-----BEGIN CERTIFICATE REQUEST-----",
        registration: { ...registration, capacity: { cpu: 1, memory: 1 } },
      };
      const guess = { method: "POST", body, from: ATTACKERS.joins };
      for (let at = 0; at < FAILURES_MAX; at++) assertEquals((await cluster.ask("/v1/join", guess)).status, 401);
      assertEquals((await cluster.ask("/v1/join", guess)).status, 429);
    });
    await t.step("and a host with an invitation joins all the same", async () => {
      await cluster.join();
    });
  },
});

Deno.test({
  name: "a secure controller refuses what comes in the wrong way, whoever sends it",
  ignore: !canRun,
  fn: async (t) => {
    await using cluster = await startSecureCluster({ agents: 0 });
    const refused = refusals(t, cluster);
    const scale = { ...cluster.asAdmin("POST"), body: { replicas: 3 } };

    await refused("a token in a URL: 400, and never logged", async () => {
      const token = cluster.adminToken;
      for (const query of [`token=${token}`, `access_token=${token}`, `x=${token}`]) {
        assertEquals((await cluster.ask(`/status?${query}`)).status, 400);
        assertEquals((await cluster.ask(`/scale?${query}`, scale)).status, 400);
      }
      assert(!cluster.controller.log().includes(token), "the log has no token");
      assert(!(await auditOf(cluster)).includes(token), "the audit log has no token");
    });
    await refused("a cross-site POST: 403", async () => {
      const { host } = new URL(cluster.controller.url);
      for (
        const origin of ["https://evil.example", "null", `https://evil.example/${host}`, `http://${host}.evil.example`]
      ) {
        assertEquals((await cluster.ask("/scale", { ...scale, headers: { origin } })).status, 403, origin);
      }
      const headers = { "sec-fetch-site": "cross-site" };
      assertEquals((await cluster.ask("/scale", { ...scale, headers })).status, 403);
    });
    await refused("DNS rebinding: 421", async () => {
      for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example"]) {
        assertEquals((await cluster.ask("/scale", { ...scale, headers: { host } })).status, 421, host);
        assertEquals((await cluster.ask("/status", { ...cluster.asAdmin(), headers: { host } })).status, 421, host);
      }
    });
  },
});

Deno.test({
  name: "people's tokens go as far as their roles, and no longer than they last",
  ignore: !canRun,
  fn: async (t) => {
    await using cluster = await startSecureCluster({ agents: 0 });
    const [viewer, operator] = [await tokenFor(cluster, "viewer"), await tokenFor(cluster, "operator")];
    const scoped = await tokenFor(cluster, "scoped", { role: "operator", services: ["web-*"] });
    const refused = refusals(t, cluster);

    await refused("a viewer reads, and writes nothing", async () => {
      assertEquals((await cluster.ask("/status", { token: viewer })).status, 200);
      for (const [path, asked] of WRITES) {
        assertEquals([path, (await cluster.ask(path, { ...asked, token: viewer })).status], [path, 403]);
      }
    });
    await refused("an operator makes no tokens", async () => {
      for (const path of ["/v1/tokens", "/v1/join-tokens", "/v1/authority/rotate"]) {
        const asked = { method: "POST", body: { name: "intruder", role: "admin" }, token: operator };
        assertEquals([path, (await cluster.ask(path, asked)).status], [path, 403]);
      }
      assertEquals((await cluster.ask("/v1/tokens", { token: operator })).status, 403);
    });
    await refused("a token for some services is for no others", async () => {
      const scale = { method: "POST", body: { replicas: 3 }, token: scoped };
      assertEquals((await cluster.ask("/scale", scale)).status, 403);
      assertEquals((await cluster.ask("/v1/services/payload/scale", scale)).status, 403);
    });
    await t.step("an expired token: 401", async () => {
      const token = await tokenFor(cluster, "brief", { role: "admin", ttl: "1s" });
      assertEquals((await cluster.ask("/status", { token })).status, 200);
      const isOver = async () => (await cluster.ask("/status", { token })).status === 401;
      await until(isOver, { what: "the token to be over", withinMs: 5_000 });
      assertEquals((await cluster.ask("/scale", { method: "POST", body: { replicas: 3 }, token })).status, 401);
    });
    await t.step("a removed token: 401 at once, and what it had open ends", () => assertRemoved(cluster, operator));
  },
});

async function assertUnauthorized(cluster: SecureCluster, credential: Pick<Asked, "token">): Promise<void> {
  const asked = [...WRITES, ...READS.map((path) => [path, {}] as const)];
  for (const [at, [path, how]] of asked.entries()) {
    // Ten failures lock an address out, which is another proof.
    const answer = await cluster.ask(path, { ...how, ...credential, from: `127.0.1.${at + 1}` });
    assertEquals([path, answer.status], [path, 401], answer.text);
    assertStringIncludes(answer.text, '"type"');
  }
}

async function assertLockedOut(cluster: SecureCluster): Promise<void> {
  const from = ATTACKERS.guesses;
  for (let at = 0; at < FAILURES_MAX; at++) {
    assertEquals((await cluster.ask("/status", { token: `${GUESS}${at}`, from })).status, 401);
  }
  assertEquals((await cluster.ask("/status", { token: `${GUESS}x`, from })).status, 429);
  assertEquals((await cluster.ask("/status", { ...cluster.asAdmin(), from })).status, 429, "not even the right one");
  assertEquals((await cluster.ask("/status", cluster.asAdmin())).status, 200, "another address");
}

async function assertRemoved(cluster: SecureCluster, token: string): Promise<void> {
  using client = cluster.client();
  const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
  const response = await fetch(`${cluster.controller.url}/v1/events`, { headers, client });
  assertEquals(response.status, 200);
  const reader = response.body!.getReader();
  assertEquals((await reader.read()).done, false, "the stream is open");

  const { status } = await cluster.ask("/v1/tokens/operator", cluster.asAdmin("DELETE"));
  assertEquals(status, 200);
  const removedMs = performance.now();
  assertEquals((await cluster.ask("/status", { token })).status, 401);
  for (let part = await reader.read(); !part.done; part = await reader.read());
  const tookMs = performance.now() - removedMs;
  assert(tookMs < REVOKED_WITHIN_MS, `the stream went on for ${tookMs} ms`);
}

async function tokenFor(cluster: SecureCluster, name: string, more: Record<string, unknown> = {}): Promise<string> {
  const body = { name, role: name, ...more };
  const { status, text } = await cluster.ask("/v1/tokens", { ...cluster.asAdmin("POST"), body });
  assertEquals(status, 201, text);
  return JSON.parse(text).token;
}

async function auditOf(cluster: SecureCluster): Promise<string> {
  const folder = `${cluster.controller.data}/audit`;
  const texts: string[] = [];
  for await (const { name } of Deno.readDir(folder)) texts.push(await Deno.readTextFile(`${folder}/${name}`));
  return texts.join("");
}
