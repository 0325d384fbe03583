import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Bell } from "../../../lib/agent/bell.ts";
import { join, keepRenewed } from "../../../lib/agent/identity/enrol.ts";
import { JoinRefused } from "../../../lib/agent/identity/join_refused.ts";
import type { Papers } from "../../../lib/agent/identity/papers_file.ts";
import { pinAuthority } from "../../../lib/agent/identity/pin_authority.ts";
import { issuePair, makeAuthority, readAuthority } from "../../../lib/wire/certificates.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { JoinRequest, RenewRequest } from "../../../lib/wire/join.ts";
import { digestOf } from "../../../lib/wire/pem.ts";
import { CLUSTER, idOf } from "../../support/builders.ts";
import { granted } from "../../support/granted.ts";

const HOUR_MS = 3_600_000;
const REGISTRATION = {
  url: "https://127.0.0.1:9090",
  identity: idOf("agent", 1),
  name: "n1",
  labels: {},
  capacity: { cpu: 1, memory: 1 },
};

/** An agent that has no way back after it was removed, and that nobody rings. */
const AGENT = { url: REGISTRATION.url, rejoin: undefined, bell: new Bell() };

interface Rig extends AsyncDisposable {
  controller: URL;
  certificate: string;
  digest: string;
  asked: { path: string; authorization: string | null; body: unknown }[];
}

/** A controller that answers what it is asked with what `answer` gives, and shows a further certificate. */
async function startController(answer: (path: string) => Response, { also = "" } = {}): Promise<Rig> {
  const pair = await makeAuthority(CLUSTER, Date.now());
  const authority = await readAuthority(pair);
  const leaf = await issuePair(authority, {
    subject: "controller",
    hosts: ["127.0.0.1"],
    validMs: HOUR_MS,
    nowMs: Date.now(),
  });
  const asked: Rig["asked"] = [];
  const options = { hostname: "127.0.0.1", port: 0, cert: leaf.certificate, key: leaf.key, onListen: () => {} };
  const server = Deno.serve(options, async (request) => {
    const path = new URL(request.url).pathname;
    if (path === "/v1/authority") return new Response(pair.certificate + also);
    asked.push({ path, authorization: request.headers.get("authorization"), body: await request.json() });
    return answer(path);
  });
  return {
    controller: new URL(`https://127.0.0.1:${server.addr.port}`),
    certificate: pair.certificate,
    digest: await digestOf(pair.certificate) ?? "",
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function papersAnswer(certificate: string, { expiresMs = Date.now() + HOUR_MS } = {}) {
  return {
    cluster: CLUSTER,
    trusted: [{ id: "a", certificate, public_key: "AAAA" }],
    certificate: "leaf",
    credential: "for the controller",
    peer_credential: "for nodes",
    expires_at: new Date(expiresMs).toISOString(),
  };
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn });
}

const problem = (status: number, detail: string) =>
  Response.json({ type: "urn:muster:problem:x", title: "x", status, detail }, { status });

test("join() tries on while the controller is in trouble, and then has papers for a key that it alone knows", async () => {
  const answers = [problem(503, "not yet"), problem(429, "too many")];
  let certificate = "";
  await using rig = await startController(() =>
    answers.shift() ?? Response.json(papersAnswer(certificate), { status: 201 })
  );
  certificate = rig.certificate;
  const token = { authority: rig.digest, id: crypto.randomUUID(), secret: "s".repeat(43) };
  const pausesMs: number[] = [];
  const clock = { ...systemClock, sleep: (ms: number) => Promise.resolve(void pausesMs.push(ms)) };
  const signal = new AbortController().signal;
  const papers = await join({ controller: rig.controller, token, registration: REGISTRATION, clock, signal });
  assertEquals([papers.credential, pausesMs], ["for the controller", [1_000, 2_000]]);
  assertStringIncludes(papers.key, "BEGIN PRIVATE KEY");
  const bodies = rig.asked.map(({ body }) => JoinRequest.parse(body));
  assertEquals(new Set(bodies.map(({ id, secret }) => `${id} ${secret}`)), new Set([`${token.id} ${token.secret}`]));
  assertEquals(new Set(bodies.map(({ signing_request }) => signing_request)).size, 3, "a new key each time");
  assertEquals(JSON.stringify(rig.asked).includes("PRIVATE KEY"), false);
});

test("join() gives up when the controller refuses, and sends nothing to one with another authority", async () => {
  await using rig = await startController(() => problem(401, "this join token was used by another host"));
  const token = { authority: rig.digest, id: crypto.randomUUID(), secret: "s".repeat(43) };
  const options = { registration: REGISTRATION, clock: systemClock, signal: new AbortController().signal };
  const refused = () => join({ controller: rig.controller, token, ...options });
  assertStringIncludes((await assertRejects(refused, JoinRefused)).message, "was used by another host");
  assertEquals(rig.asked.length, 1);
  const plain = new URL(rig.controller.href.replace("https", "http"));
  const other = { ...token, authority: "A".repeat(43) };
  for (const [controller, wrong] of [[rig.controller, other], [plain, token]] as const) {
    await assertRejects(() => join({ ...options, controller, token: wrong }), JoinRefused, "Cannot join at");
  }
  assertEquals(rig.asked.length, 1, "no secret left this host");
});

test("keepRenewed() asks at half time with the credential that it has, and again after a failure", async () => {
  const answers = [problem(503, "not yet")];
  let certificate = "";
  let nowMs = Date.UTC(2026, 0, 1);
  await using rig = await startController(() =>
    answers.shift() ?? Response.json(papersAnswer(certificate, { expiresMs: nowMs + HOUR_MS }))
  );
  certificate = rig.certificate;
  let papers: Papers = {
    ...papersAnswer(certificate, { expiresMs: nowMs + HOUR_MS }),
    key: "",
    issued_at: new Date(nowMs).toISOString(),
  };
  const ending = new AbortController();
  const sinceMs = nowMs;
  const renewedMs: number[] = [];
  await keepRenewed({
    ...AGENT,
    controller: rig.controller,
    papers: () => papers,
    onRenewed: (fresh) => {
      papers = fresh;
      renewedMs.push(nowMs - sinceMs);
      if (renewedMs.length === 2) ending.abort();
      return Promise.resolve();
    },
    clock: { now: () => nowMs, wall: () => nowMs, sleep: (ms) => Promise.resolve(void (nowMs += ms)) },
    signal: ending.signal,
  });
  assertEquals(renewedMs, [HOUR_MS / 2 + 1_000, HOUR_MS + 1_000]);
  assertEquals(rig.asked.map(({ path, authorization }) => [path, authorization]), [
    ["/v1/renew", "Bearer for the controller"],
    ["/v1/renew", "Bearer for the controller"],
    ["/v1/renew", "Bearer for the controller"],
  ]);
  for (const { body } of rig.asked) assertEquals(RenewRequest.parse(body).url, "https://127.0.0.1:9090");
});

test("keepRenewed() finds out at once whether the node was removed when there is a way back, and takes it", async () => {
  await using rig = await startController(() => problem(401, "the node was removed"));
  const papers = { ...papersAnswer(rig.certificate), key: "", issued_at: new Date().toISOString() };
  const ending = new AbortController();
  const used: Papers[] = [];
  await keepRenewed({
    ...AGENT,
    controller: rig.controller,
    papers: () => papers,
    rejoin: () => Promise.resolve({ ...papers, credential: "anew" }),
    onRenewed: (fresh) => {
      used.push(fresh);
      ending.abort();
      return Promise.resolve();
    },
    clock: systemClock,
    signal: ending.signal,
  });
  assertEquals(used.map(({ credential }) => credential), ["anew"]);
  assertEquals(rig.asked.map(({ path }) => path), ["/v1/renew"]);
});

test("keepRenewed() asks at once when it is rung, until it has new papers, and never without a pause", async () => {
  const answers = [problem(503, "not yet")];
  let certificate = "";
  await using rig = await startController(() => answers.shift() ?? Response.json(papersAnswer(certificate)));
  certificate = rig.certificate;
  let papers: Papers = { ...papersAnswer(certificate), key: "", issued_at: new Date().toISOString() };
  const ending = new AbortController();
  const bell = new Bell();
  bell.ring();
  let [nowMs, renewals] = [0, 0];
  const pausesMs: number[] = [];
  await keepRenewed({
    ...AGENT,
    controller: rig.controller,
    papers: () => papers,
    onRenewed: (fresh) => {
      papers = fresh;
      bell.ring();
      if (++renewals === 3) ending.abort();
      return Promise.resolve();
    },
    bell,
    clock: {
      now: () => nowMs,
      wall: () => Date.now(),
      sleep: (ms) => {
        pausesMs.push(ms);
        nowMs += ms;
        return Promise.resolve();
      },
    },
    signal: ending.signal,
  });
  assertEquals(pausesMs, [1_000, 1_000, 1_000], "after the failure, and between renewals");
  assertEquals(rig.asked.length, 4);
});

test("join() believes what its token names and nothing that is sent along with it", async () => {
  const impostor = await makeAuthority(CLUSTER, Date.now());
  await using rig = await startController(() => problem(401, "no"), { also: impostor.certificate });
  assertEquals((await pinAuthority(rig.controller, rig.digest)).trim(), rig.certificate.trim());
});
