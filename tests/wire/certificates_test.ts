import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { newKeyToCertify } from "../../lib/agent/identity/signing_request.ts";
import { issueFor, issuePair, type KeyPair, makeAuthority, readAuthority } from "../../lib/wire/certificates.ts";
import { digestOf } from "../../lib/wire/pem.ts";
import { CLUSTER } from "../support/builders.ts";
import { granted } from "../support/granted.ts";

const DAY_MS = 86_400_000;
const LEAF = { subject: "x", hosts: ["127.0.0.1"], validMs: DAY_MS };

/** Asks a listener with that certificate, believing only that authority. */
async function ask({ certificate, key }: KeyPair, authority: string): Promise<string> {
  const options = { hostname: "127.0.0.1", port: 0, cert: certificate, key, onListen: () => {} };
  await using server = Deno.serve(options, () => new Response("believed"));
  using client = Deno.createHttpClient({ caCerts: [authority] });
  return await (await fetch(`https://127.0.0.1:${server.addr.port}/`, { client })).text();
}

Deno.test({
  name:
    "a certificate is believed by who trusts its authority, at its own address and in its own time, and by no other",
  ignore: !granted,
  fn: async () => {
    const nowMs = Date.now();
    const pair = await makeAuthority(CLUSTER, nowMs);
    const authority = await readAuthority(pair);
    const namesake = await readAuthority(await makeAuthority(CLUSTER, nowMs));
    assertEquals(await ask(await issuePair(authority, { ...LEAF, nowMs }), pair.certificate), "believed");
    const wrong: Record<string, KeyPair> = {
      "an authority of the same name": await issuePair(namesake, { ...LEAF, nowMs }),
      "another address": await issuePair(authority, { ...LEAF, hosts: ["10.0.0.1", "localhost"], nowMs }),
      "over": await issuePair(authority, { ...LEAF, nowMs: nowMs - 2 * DAY_MS }),
      "not yet": await issuePair(authority, { ...LEAF, nowMs: nowMs + DAY_MS }),
    };
    for (const [why, leaf] of Object.entries(wrong)) {
      const error = await assertRejects(() => ask(leaf, pair.certificate), TypeError, undefined, why);
      assertMatch(`${error.message} ${error.cause}`, /certificate/i, why);
    }
  },
});

Deno.test("a certificate is made for the key that a signing request proves, and for no other", async () => {
  const authority = await readAuthority(await makeAuthority(CLUSTER, Date.now()));
  const { request } = await newKeyToCertify();
  const { request: other } = await newKeyToCertify();
  assertMatch(await issueFor(authority, request, { ...LEAF, nowMs: 0 }) ?? "", /BEGIN CERTIFICATE/);
  const [head, ...lines] = request.split("\n");
  const mixed = [head, lines[0], lines[1], ...other.split("\n").slice(3)].join("\n");
  for (const text of ["", "x", mixed, changedIn(request), request.slice(0, 100)]) {
    assertEquals(await issueFor(authority, text, { ...LEAF, nowMs: 0 }), undefined, text);
  }
});

Deno.test("an authority's digest is that of its certificate", async () => {
  const { certificate, key } = await makeAuthority(CLUSTER, 0);
  assertMatch(await digestOf(certificate) ?? "", /^[A-Za-z0-9_-]{43}$/);
  assert(await digestOf(certificate) !== await digestOf((await makeAuthority(CLUSTER, 0)).certificate));
  assertEquals(await digestOf(key), undefined);
});

/** The same text with another character in the middle of its bytes. */
function changedIn(pem: string): string {
  const at = pem.length >> 1;
  return pem.slice(0, at) + (pem[at] === "A" ? "B" : "A") + pem.slice(at + 1);
}
