import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { newKeyToCertify } from "../../../lib/agent/identity/signing_request.ts";
import { type Authority, openAuthority } from "../../../lib/controller/identity/authority.ts";
import { type AuthorityPlace, placeIn } from "../../../lib/controller/identity/authority_files.ts";
import type { KeyPair } from "../../../lib/wire/certificates.ts";
import { createNodeCredentials } from "../../../lib/controller/identity/node_credentials.ts";
import { CONTROLLER, CredentialCheck, signerOf } from "../../../lib/wire/credential.ts";
import { CLUSTER, idOf } from "../../support/builders.ts";
import { granted } from "../../support/granted.ts";

const AGENT = idOf("agent", 1);
const HOST = "127.0.0.1";

function test(name: string, body: (data: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !granted,
    fn: async () => {
      const data = await Deno.makeTempDir({ prefix: "muster-authority-" });
      try {
        await body(data);
      } finally {
        await Deno.remove(data, { recursive: true });
      }
    },
  });
}

function openIn(data: string, place?: AuthorityPlace): Promise<Authority> {
  const clock = { wall: () => Date.now() };
  return openAuthority({ folder: data, cluster: CLUSTER, clock, ...(place && { place }) });
}

async function papersBy(authority: Authority) {
  const { request } = await newKeyToCertify();
  return (await authority.papersFor({ identity: AGENT, host: HOST }, request))!;
}

/** Whether a listener with that certificate is believed by who trusts those authorities. */
async function isBelieved({ certificate, key }: KeyPair, caCerts: string[]): Promise<boolean> {
  const options = { hostname: HOST, port: 0, cert: certificate, key, onListen: () => {} };
  await using server = Deno.serve(options, () => new Response("believed"));
  using client = Deno.createHttpClient({ caCerts });
  try {
    return await (await fetch(`https://${HOST}:${server.addr.port}/`, { client })).text() === "believed";
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return false;
  }
}

test("Authority is replaced in steps: both are trusted, then the newer signs, then the older is forgotten", async (data) => {
  const authority = await openIn(data);
  const first = authority.digest;
  const firstCertificate = authority.certificate();
  const told = async () => {
    const papers = await papersBy(authority);
    const { digest, trusted, rotation: { phase } } = await openIn(data);
    const ids = authority.trusted.map(({ id }) => id);
    assertEquals(
      [digest, trusted.map(({ id }) => id), phase],
      [authority.digest, ids, authority.rotation.phase],
      "kept",
    );
    assertEquals(papers.trusted, authority.trusted);
    assertEquals(signerOf(papers.credential), authority.digest);
    assertEquals(signerOf(await authority.orderCredential(AGENT)), authority.digest);
    return { phase, ids };
  };
  assertEquals(await told(), { phase: "none", ids: [first] });
  assertEquals(await authority.rotate(), true);
  const second = authority.trusted[1]!.id;
  assertEquals(await told(), { phase: "announced", ids: [first, second] });
  assertEquals(authority.digest, first);
  assertEquals(authority.certificate(second), authority.trusted[1]!.certificate);

  await authority.advance("announced");
  assertEquals(await told(), { phase: "switched", ids: [second, first] });
  assertEquals([authority.certificate(first), authority.digest], [firstCertificate, second]);
  const own = await authority.ownPair([HOST]);
  for (const caCerts of [[firstCertificate], [authority.certificate()]]) {
    assertEquals(await isBelieved(own, caCerts), true, "by who knows either of them");
  }
  const { request, key } = await newKeyToCertify();
  const papers = await authority.papersFor({ identity: AGENT, host: HOST }, request);
  const ofNode = { certificate: papers!.certificate, key };
  assertEquals(await isBelieved(ofNode, [firstCertificate]), false);
  assertEquals(await isBelieved(ofNode, [authority.certificate()]), true);

  await authority.advance("switched");
  assertEquals(await told(), { phase: "done", ids: [second] });
  assertEquals(authority.certificate(first), authority.certificate());
  assertEquals(await authority.rotate(), true, "and again");
});

test("Authority begins one replacement at a time, and takes each step once, whoever asks at once", async (data) => {
  const authority = await openIn(data);
  const begun = await Promise.all([authority.rotate(), authority.rotate(), authority.rotate()]);
  assertEquals(begun.filter(Boolean).length, 1);
  assertEquals(authority.trusted.length, 2);
  await Promise.all([authority.advance("announced"), authority.advance("announced"), authority.advance("announced")]);
  assertEquals(authority.rotation.phase, "switched");
  assertEquals(await authority.rotate(), false);
  await Promise.all([authority.advance("announced"), authority.advance("switched"), authority.advance("switched")]);
  assertEquals([authority.rotation.phase, authority.trusted.length], ["done", 1]);
});

test("Authority stays as it is when a step can't be kept, and takes it when asked again", async (data) => {
  let full = false;
  const { folder, disk } = placeIn(data);
  const write: typeof disk.write = (...asked) =>
    full && asked[0].endsWith("authority.pem") ? Promise.reject(new Error("disk full")) : disk.write(...asked);
  const authority = await openIn(data, { folder, disk: { ...disk, write } });
  const first = authority.digest;
  await authority.rotate();
  full = true;
  await assertRejects(() => authority.advance("announced"), Error, "disk full");
  assertEquals([authority.rotation.phase, authority.digest], ["announced", first]);
  full = false;
  await authority.advance("announced");
  assertNotEquals(authority.digest, first);
  assertEquals(authority.certificate(first), (await openIn(data)).certificate(first));
});

test("what the former authority had signed counts until the replacement is done, and then no more", async (data) => {
  const authority = await openIn(data);
  const members = { isMember: () => true, identityAt: () => AGENT };
  const credentials = createNodeCredentials({ authority, members, wall: () => Date.now() });
  const { credential } = await papersBy(authority);
  const isLetIn = async () => [await credentials.authenticate(credential), await credentials.renewing(credential)];
  const asNode = [{ kind: "node" as const, node: AGENT }, AGENT];
  const shown = await credentials.shownTo("https://10.0.0.1:9090");
  await authority.rotate();
  assertEquals(await isLetIn(), asNode);
  await authority.advance("announced");
  assertEquals(await isLetIn(), asNode);
  const now = await credentials.shownTo("https://10.0.0.1:9090");
  assertNotEquals(now, shown, "signed anew");
  await authority.advance("switched");
  assertEquals(await isLetIn(), [undefined, undefined]);
  const trusted = authority.trustedKeys;
  const agents = new CredentialCheck({ cluster: CLUSTER, audience: AGENT, trusted, wall: () => Date.now() });
  assertEquals((await agents.claimsOf(now!))?.subject, CONTROLLER);
  assertEquals(await agents.claimsOf(shown!), undefined);
});
