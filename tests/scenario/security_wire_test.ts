/**
 * Proofs of docs/security.md, on the wire: nobody is taken for a program of the cluster whom its authority has not
 * certified as a listener, and nothing is said in plain text where there are identities.
 * @module
 */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { toldBy } from "../../lib/runtime/told.ts";
import { type LocalProgram, startProgram, until } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";
import { authorityIn, clientPair, impostor, listenerPair, rogueAuthority } from "./forged.ts";
import { papersOf, type SecureCluster, startSecureCluster } from "./secure_cluster.ts";

const canRun = granted && Deno.build.os === "linux";
/** After so many looks for the agent the orders would have been among what was sent. */
const KNOCKS = 2;
const ROGUE = /UnknownIssuer|BadSignature/;
const WRONG_USAGE = /purpose|key usage/i;
const LOST_WITHIN_MS = 20_000;
/** Record and handshake header of a ClientHello, and the beginning of what follows. */
const CLIENT_HELLO = Uint8Array.of(22, 3, 1, 0, 46, 1, 0, 0, 42, 3, 3, ...new Uint8Array(40));

Deno.test({
  name: "a controller gives no orders to who is not certified to listen in the place of an agent",
  ignore: !canRun,
  fn: async (t) => {
    await using cluster = await startSecureCluster({ agents: 1 });
    await cluster.scale(1);
    const agent = cluster.agents[0]!;
    const { cluster: id } = await papersOf(agent);
    await agent.stop("SIGKILL");
    for (const { name, pair } of await pairsOf(cluster, id)) {
      await t.step(name, async () => {
        await using fake = impostor(pair, { port: portOf(agent) });
        await cluster.until("the agent to be lost", ({ nodes }) => nodes.every(({ status }) => status === "lost"));
        const { status } = await cluster.ask("/scale", { ...cluster.asAdmin("POST"), body: { replicas: 2 } });
        assertEquals(status, 202);
        const before = fake.knocks();
        await until(() => fake.knocks() > before + KNOCKS, { what: "the controller to look for its agent" });
        assertEquals(fake.got(), []);
      });
    }
  },
});

Deno.test({
  name: "an agent says nothing to who is not certified to listen in the place of its controller",
  ignore: !canRun,
  fn: async (t) => {
    await using cluster = await startSecureCluster({ agents: 1 });
    const agent = cluster.agents[0]!;
    const pairs = await pairsOf(cluster, (await papersOf(agent)).cluster);
    await cluster.controller.stop("SIGKILL");
    for (const { name, pair, problem } of pairs) {
      await t.step(name, async () => {
        await using fake = impostor(pair, { port: portOf(cluster.controller) });
        await until(
          () => agent.log().split("\n").some((line) => line.includes("Cannot register") && problem.test(line)),
          {
            what: () => `the agent to refuse it; it logged:\n${agent.log()}`,
            withinMs: LOST_WITHIN_MS,
          },
        );
        assert(fake.knocks() > 0);
        assertEquals(fake.got(), []);
      });
    }
  },
});

Deno.test({
  name: "where there are identities nothing is said in plain text, and where there are none a TLS hello gets nowhere",
  ignore: !canRun,
  fn: async () => {
    await using cluster = await startSecureCluster({ agents: 1 });
    const request = new TextEncoder().encode("GET /version HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
    for (const program of [cluster.controller, cluster.agents[0]!]) {
      assert(!/HTTP|muster/i.test(await replyTo(program, request)), `${program.name} said something in plain text`);
      await assertRejects(() => fetch(`${program.url.replace("https:", "http:")}/version`));
      const stranger = await assertRejects(() => fetch(`${program.url}/version`), TypeError);
      assertMatch(toldBy(stranger), /certificate/, "who does not know the authority does not believe it");
    }
    await using controller = await startProgram("controller");
    await using agent = await startProgram("agent");
    for (const program of [controller, agent]) {
      assertMatch(await replyTo(program, CLIENT_HELLO), /^(HTTP\/1\.1 400 |$)/, program.name);
      await assertRejects(() => fetch(`${program.url.replace("http:", "https:")}/version`));
    }
  },
});

/** What an impostor may come with, and what whoever it wants to deceive says of that. */
async function pairsOf(cluster: SecureCluster, id: string) {
  const [own, rogue] = [await authorityIn(cluster.controller.data), await rogueAuthority(id)];
  assertEquals(subjectOf(own.certificate), subjectOf(rogue.certificate), "both go by the same name");
  return [
    { name: "a certificate of a rogue authority with the same name", pair: await listenerPair(rogue), problem: ROGUE },
    { name: "a certificate for clients only", pair: await clientPair(own), problem: WRONG_USAGE },
  ];
}

function subjectOf(certificate: string): string {
  return new X509Certificate(certificate).subject;
}

function portOf({ url }: LocalProgram): number {
  return Number(new URL(url).port);
}

/** All that comes when these bytes are sent as they are. */
async function replyTo({ url }: LocalProgram, bytes: Uint8Array): Promise<string> {
  const { hostname, port } = new URL(url);
  using conn = await Deno.connect({ hostname, port: Number(port) });
  await conn.write(bytes);
  const buffer = new Uint8Array(4_096);
  let text = "";
  try {
    for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return text;
}
