/**
 * Proofs of docs/security.md, of how hosts come in: whom an agent takes for its cluster, what a join token is good for and
 * how often, and that nothing listens beyond loopback unprotected by mistake.
 * @module
 */
import { deadline, delay } from "@std/async";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseJoinToken } from "../../lib/wire/join_token.ts";
import { type LocalProgram, type StartOptions, startProgram } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";
import { impostor, listenerPair, rogueAuthority } from "./forged.ts";
import { papersOf, refusals, type SecureCluster, startSecureCluster } from "./secure_cluster.ts";

const canRun = granted && Deno.build.os === "linux";
const [REFUSED, USAGE] = [7, 2];
const EXIT_WITHIN_MS = 20_000;

Deno.test({
  name: "a join token lets one host in, in time, and into its cluster only",
  ignore: !canRun,
  fn: async (t) => {
    await using cluster = await startSecureCluster({ agents: 1 });
    const refused = refusals(t, cluster);

    const used = await cluster.invitation();
    await t.step("used once, it lets a host in", async () => {
      const agent = await cluster.begin("agent", cluster.joining(used.path));
      await cluster.until(
        "it to be ready",
        ({ nodes }) => nodes.filter(({ status }) => status === "ready").length === 2,
      );
      assertEquals((await papersOf(agent)).joined_with, parseJoinToken(used.token)?.id);
    });
    await refused("used twice: the second agent exits 7 and says why", async () => {
      await assertExit(cluster, cluster.joining(used.path), { code: REFUSED, text: "was used by another host" });
    });
    const brief = await cluster.invitation({ ttl: "1s" });
    await delay(1_000);
    await refused("expired: the agent exits 7 and says why", async () => {
      await assertExit(cluster, cluster.joining(brief.path), { code: REFUSED, text: "this join token is over" });
    });
    const fresh = await cluster.invitation();
    await refused("with a wrong secret", async () => {
      const { id, authority } = parseJoinToken(fresh.token)!;
      await Deno.writeTextFile(fresh.path, `muster1.${authority}.${id}.${"a".repeat(43)}`);
      await assertExit(cluster, cluster.joining(fresh.path), { code: REFUSED, text: "knows no such join token" });
      await Deno.writeTextFile(fresh.path, fresh.token.slice(0, -1));
      await assertExit(cluster, cluster.joining(fresh.path), { code: USAGE, text: "not whole" });
    });
    await refused("over plain http, not at all", async () => {
      await Deno.writeTextFile(fresh.path, fresh.token);
      const plain = cluster.controller.url.replace("https:", "http:");
      await assertExit(cluster, cluster.joining(fresh.path, {}, plain), { code: REFUSED, text: "https" });
    });
  },
});

Deno.test({
  name: "a man in the middle of joining is found out, and gets no secret",
  ignore: !canRun,
  fn: async (t) => {
    await using cluster = await startSecureCluster({ agents: 0 });
    const own = cluster.caCerts[0]!;
    const rogue = await rogueAuthority(crypto.randomUUID());
    const { path, token } = await cluster.invitation();
    const { secret } = parseJoinToken(token)!;
    const refused = refusals(t, cluster);

    await refused("who shows an authority of their own: digest mismatch, exit 7", async () => {
      await using between = impostor(await listenerPair(rogue), { answer: rogue.certificate });
      const asked = cluster.joining(path, {}, between.url);
      await assertExit(cluster, asked, { code: REFUSED, text: "somebody is between this host and the controller" });
      assertGotNothing(between.got(), secret);
    });
    await refused("who passes the true one on: their listener is not believed", async () => {
      await using between = impostor(await listenerPair(rogue), { answer: own });
      const agent = await cluster.begin("agent", { ...cluster.joining(path, {}, between.url), detached: true });
      const line = await agent.logged("Cannot join yet");
      assertStringIncludes(line.toLowerCase(), "certificate");
      await agent.stop();
      assertGotNothing(between.got(), secret);
    });
    await t.step("and the token, which nobody has seen, is still good", async () => {
      await cluster.begin("agent", cluster.joining(path));
      await cluster.until("it to be ready", ({ nodes }) => nodes.some(({ status }) => status === "ready"));
    });
  },
});

Deno.test({
  name: "nothing starts beyond loopback without credentials, and the refusal says what to do",
  ignore: !canRun,
  fn: async () => {
    const controller = ["controller --host 0.0.0.0 --secure", "join-token", "--token-file", "--insecure"];
    const agent = ["--join-token-file", "--token-file", "--insecure"];
    for (const [name, expected] of [["controller", controller], ["agent", agent]] as const) {
      await using program = await startProgram(name, { args: ["--host", "0.0.0.0"], detached: true });
      assertEquals((await deadline(program.ended, EXIT_WITHIN_MS)).code, USAGE);
      for (const text of expected) await program.logged(text);
    }
  },
});

async function assertExit(
  cluster: SecureCluster,
  options: StartOptions,
  { code, text }: { code: number; text: string },
): Promise<void> {
  const agent: LocalProgram = await cluster.begin("agent", { ...options, detached: true });
  const { code: found } = await deadline(agent.ended, EXIT_WITHIN_MS);
  assertEquals(found, code, agent.log());
  await agent.logged(text);
}

/** Nothing but the question for the authority's certificate. */
function assertGotNothing(got: readonly string[], secret: string): void {
  assert(got.length > 0, "it was asked");
  for (const request of got) {
    assert(/^GET \/v1\/authority(\?digest=[\w-]+)? HTTP/.test(request), request);
    assert(!request.includes(secret) && !/authorization/i.test(request), request);
  }
}
