import { assertEquals, assertNotEquals } from "@std/assert";
import { type Entrance, openEntrance } from "../../lib/agent/entrance.ts";
import { serveHttp } from "../../lib/agent/http/http_server.ts";
import { type Papers, readPapers, writePapers } from "../../lib/agent/identity/papers_file.ts";
import { RevokedNodes } from "../../lib/agent/identity/revoked_nodes.ts";
import type { AgentSettings } from "../../lib/agent/settings.ts";
import { issuePair, makeAuthority, readAuthority, type SigningAuthority } from "../../lib/wire/certificates.ts";
import { systemClock } from "../../lib/runtime/clock.ts";
import { publicKeyText } from "../../lib/wire/keys.ts";
import { CLUSTER, idOf } from "../support/builders.ts";
import { granted } from "../support/granted.ts";

const HOST = "127.0.0.1";

const SETTINGS: AgentSettings = {
  host: HOST,
  port: 0,
  advertise: undefined,
  controller: undefined,
  name: undefined,
  hostname: "h1",
  labels: {},
  capacity: { cpu: 1, memory: 1 },
  forgetCluster: false,
  token: "shared",
  joinToken: undefined,
  data: undefined,
  onExit: "auto",
};

async function papersBy(authority: SigningAuthority): Promise<Papers> {
  const nowMs = Date.now();
  const leaf = await issuePair(authority, { subject: "x", hosts: [HOST], validMs: 60_000, nowMs });
  const public_key = await publicKeyText(authority.publicKey);
  return {
    cluster: CLUSTER,
    trusted: [{ id: "a", certificate: authority.certificate, public_key }],
    certificate: leaf.certificate,
    key: leaf.key,
    credential: "c",
    peer_credential: "p",
    issued_at: new Date(nowMs).toISOString(),
    expires_at: new Date(nowMs + 60_000).toISOString(),
  };
}

async function withEntrance(papers: Papers | undefined, body: (entrance: Entrance, path: string) => Promise<void>) {
  const path = await Deno.makeTempDir({ prefix: "muster-entrance-" });
  const ending = new AbortController();
  try {
    if (papers !== undefined) await writePapers(path, papers);
    const revoked = new RevokedNodes();
    const identity = { nodeId: idOf("agent", 1), revoked };
    const settings = { ...SETTINGS };
    await body(await openEntrance({ settings, path, ...identity, clock: systemClock, signal: ending.signal }), path);
  } finally {
    ending.abort();
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test({
  name: "an entrance without papers is plain, and shows and wants the shared token",
  ignore: !granted,
  fn: () =>
    withEntrance(undefined, async ({ listener, url, identity, name, address }) => {
      listener.close();
      assertEquals([url.protocol, name], ["http:", `h1-${address.port}`]);
      assertEquals([identity.papers(), identity.access()], [undefined, { agentToken: "shared" }]);
      const admission = await identity.guard([], { field: "authorization", purpose: "control" });
      assertEquals("refusal" in admission && admission.refusal.status, 401);
    }),
});

Deno.test({
  name: "an entrance with papers speaks TLS, and exchanges them while what is open goes on",
  ignore: !granted || Deno.build.os !== "linux",
  fn: async () => {
    const authority = await readAuthority(await makeAuthority(CLUSTER, Date.now()));
    const first = await papersBy(authority);
    await withEntrance(first, async (entrance, path) => {
      assertEquals(entrance.url.protocol, "https:");
      const onError = (error: unknown) => {
        throw error;
      };
      const server = serveHttp({ listener: entrance.listener, handler: () => ({ status: 200, body: "in" }), onError });
      const base = `https://${HOST}:${entrance.address.port}`;
      using before = Deno.createHttpClient({ caCerts: [authority.certificate] });
      const ask = async (client: Deno.HttpClient) => await (await fetch(base, { client })).text();
      assertEquals(await ask(before), "in");

      const second = await papersBy(authority);
      assertNotEquals(second.certificate, first.certificate);
      server.replaceListener(await entrance.renewed(second));
      assertEquals(await ask(before), "in", "over the connection that was open");
      using after = Deno.createHttpClient({ caCerts: [authority.certificate] });
      assertEquals(await ask(after), "in");
      assertEquals((await readPapers(path))?.certificate, second.certificate);
      assertEquals(entrance.identity.papers()?.certificate, second.certificate);
      await server.shutdown({ drainMs: 0 });
    });
  },
});
