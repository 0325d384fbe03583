import { assert, assertEquals } from "@std/assert";
import { CONTROLLER, CredentialCheck, NODES, signCredential } from "../../lib/wire/credential.ts";
import { CLUSTER, idOf } from "../support/builders.ts";

const NOW_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const AGENT = idOf("agent", 1);

async function keysNamed(id: string) {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  return { signing: { id, privateKey: pair.privateKey }, trusted: { id, publicKey: pair.publicKey } };
}

const CLAIMS = {
  cluster: CLUSTER,
  subject: CONTROLLER,
  audience: AGENT,
  issuedAt: new Date(NOW_MS),
  expiresAt: new Date(NOW_MS + HOUR_MS),
};

Deno.test("CredentialCheck knows whose a credential is, until it is over, and takes it from its own authorities only", async () => {
  const [own, next, foreign] = [await keysNamed("a"), await keysNamed("b"), await keysNamed("a")];
  let nowMs = NOW_MS;
  const trusted = [own.trusted, next.trusted];
  const check = new CredentialCheck({ cluster: CLUSTER, audience: AGENT, trusted, wall: () => nowMs });
  const credential = await signCredential(CLAIMS, own.signing);
  for (let time = 0; time < 2; time++) assertEquals(await check.claimsOf(credential), CLAIMS);
  assertEquals(await check.claimsOf(await signCredential(CLAIMS, next.signing)), CLAIMS, "while it is replaced");
  assertEquals(await check.claimsOf(await signCredential(CLAIMS, foreign.signing)), undefined);
  const unknown = { ...foreign.signing, id: "c" };
  assertEquals(await check.claimsOf(await signCredential(CLAIMS, unknown)), undefined);

  nowMs += HOUR_MS + 120_000;
  assertEquals(await check.claimsOf(credential), undefined, "known before, but over");
  const graceMs = 2 * HOUR_MS;
  const lenient = new CredentialCheck({ cluster: CLUSTER, audience: AGENT, trusted, wall: () => nowMs, graceMs });
  assertEquals(await lenient.claimsOf(credential), CLAIMS);
  const fresh = new CredentialCheck({ cluster: CLUSTER, audience: AGENT, trusted, wall: () => nowMs });
  assertEquals(await fresh.claimsOf(credential), undefined);
});

Deno.test("CredentialCheck refuses what is for somebody else, of another cluster, changed, or no credential at all", async () => {
  const { signing, trusted } = await keysNamed("a");
  const check = new CredentialCheck({ cluster: CLUSTER, audience: AGENT, trusted: [trusted], wall: () => NOW_MS });
  for (const audience of [CONTROLLER, NODES, idOf("agent", 2)]) {
    assertEquals(await check.claimsOf(await signCredential({ ...CLAIMS, audience }, signing)), undefined, audience);
  }
  const cluster = "00000000-0000-4000-8000-0000000000dd";
  assertEquals(await check.claimsOf(await signCredential({ ...CLAIMS, cluster }, signing)), undefined);
  const good = await signCredential(CLAIMS, signing);
  const [head, payload, signature] = good.split(".");
  const other = payload!.slice(0, -2) + (payload!.endsWith("AA") ? "BB" : "AA");
  const none = btoa(JSON.stringify({ alg: "none", kid: "a" })).replace(/=+$/, "");
  const wrong = [
    `${head}.${other}.${signature}`,
    `${none}.${payload}.`,
    `${head}.${payload}`,
    good + "A",
    "",
    "x",
    "a.b.c",
    "…",
  ];
  for (const text of wrong) assertEquals(await check.claimsOf(text), undefined, text);
  assert(await check.claimsOf(good) !== undefined);
});

Deno.test("a credential tells to the millisecond when it was issued: removals are as exact", async () => {
  const { signing, trusted } = await keysNamed("a");
  const check = new CredentialCheck({ cluster: CLUSTER, audience: AGENT, trusted: [trusted], wall: () => NOW_MS });
  for (const ms of [1, 52, 53, 999]) {
    const issuedAt = new Date(NOW_MS + ms);
    assertEquals((await check.claimsOf(await signCredential({ ...CLAIMS, issuedAt }, signing)))?.issuedAt, issuedAt);
  }
});
