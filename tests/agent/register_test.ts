import { assertEquals } from "@std/assert";
import { Bell } from "../../lib/agent/bell.ts";
import { sharedIdentity } from "../../lib/agent/identity/identity.ts";
import type { Papers } from "../../lib/agent/identity/papers_file.ts";
import { keepRegistered } from "../../lib/agent/register.ts";
import { seededRandom } from "../../lib/runtime/random.ts";
import { signCredential } from "../../lib/wire/credential.ts";
import { newKeyPair } from "../../lib/wire/keys.ts";
import { PROTOCOL, Registration } from "../../lib/wire/protocol.ts";
import { idOf } from "../support/builders.ts";
import { granted } from "../support/granted.ts";

const REGISTRATION = {
  url: "http://a",
  identity: idOf("agent", 1),
  name: "n1",
  labels: {},
  capacity: { cpu: 1, memory: 1 },
};

Deno.test({
  name: "keepRegistered() registers with its token, again and again, and backs off while it is refused",
  ignore: !granted,
  fn: async () => {
    const ending = new AbortController();
    const statuses = [503, 503, 503, 201, 200];
    const asked: unknown[] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => undefined }, async (request) => {
      asked.push([request.method, new URL(request.url).pathname, request.headers.get("authorization")]);
      assertEquals(request.headers.get("muster-protocol"), String(PROTOCOL));
      assertEquals((await request.json()).name, "n1");
      return new Response("{}", { status: statuses[asked.length - 1] ?? 500 });
    });
    const pausesMs: number[] = [];
    const sleep = (ms: number) => {
      pausesMs.push(ms);
      if (pausesMs.length === statuses.length) ending.abort();
      return Promise.resolve();
    };
    await keepRegistered({
      controller: `http://127.0.0.1:${server.addr.port}`,
      registration: REGISTRATION,
      identity: sharedIdentity({ joinToken: "t" }),
      bell: new Bell(),
      onRenewalWanted: () => {},
      clock: { now: () => 0, wall: () => 0, sleep },
      random: { ...seededRandom(1), next: () => 0.5 },
      signal: ending.signal,
    });
    assertEquals(asked, statuses.map(() => ["POST", "/v1/nodes", "Bearer t"]));
    assertEquals(pausesMs, [1_000, 2_000, 4_000, 5_000, 5_000]);
    await server.shutdown();
  },
});

Deno.test({
  name: "keepRegistered() says what its papers are, and has them renewed when the controller goes by others",
  ignore: !granted,
  fn: async () => {
    const ending = new AbortController();
    const key = { id: "new", privateKey: (await newKeyPair()).privateKey };
    const claims = { cluster: "c", subject: "s", audience: "controller", issuedAt: new Date(), expiresAt: new Date() };
    const papersNow = (id: string): Papers => ({
      cluster: crypto.randomUUID(),
      trusted: [{ id, certificate: "", public_key: "" }],
      certificate: "",
      key: "",
      credential,
      peer_credential: "",
      issued_at: "",
      expires_at: "",
    });
    const credential = await signCredential(claims, key);
    let papers = papersNow("old");
    const told: unknown[] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => undefined }, async (request) => {
      const registration = Registration.parse(await request.json());
      told.push(registration.papers);
      // The second answer is about papers that have been exchanged meanwhile.
      if (told.length === 2) papers = papersNow("new");
      if (told.length === 3) ending.abort();
      return Response.json({ renew: true });
    });
    const bell = new Bell();
    bell.ring();
    let wanted = 0;
    await keepRegistered({
      controller: `http://127.0.0.1:${server.addr.port}`,
      registration: REGISTRATION,
      identity: { ...sharedIdentity({}), papers: () => papers },
      bell,
      onRenewalWanted: () => wanted++,
      clock: { now: () => 0, wall: () => 0, sleep: () => Promise.resolve() },
      random: seededRandom(1),
      signal: ending.signal,
    });
    const report = (id: string) => ({ trusted: [id], signed_by: "new" });
    assertEquals(told, [report("old"), report("old"), report("new")]);
    assertEquals(wanted, 1);
    await server.shutdown();
  },
});
