import { assertEquals } from "@std/assert";
import { credentialGuard } from "../../../lib/agent/identity/credential_guard.ts";
import { RevokedNodes } from "../../../lib/agent/identity/revoked_nodes.ts";
import { CONTROLLER, NODES, signCredential } from "../../../lib/wire/credential.ts";
import { newKeyPair } from "../../../lib/wire/keys.ts";
import { CLUSTER, idOf } from "../../support/builders.ts";

const [SELF, OTHER] = [idOf("agent", 1), idOf("agent", 2)];
const NOW_MS = Date.UTC(2026, 0, 1);

const keys = await newKeyPair();
const revoked = new RevokedNodes();
const guard = credentialGuard({
  identity: SELF,
  cluster: CLUSTER,
  trusted: [{ id: "a", publicKey: keys.publicKey }],
  wall: () => NOW_MS,
  revoked,
});

function credential(subject: string, audience: string, { issuedMs = NOW_MS - 1_000 } = {}): Promise<string> {
  const claims = {
    cluster: CLUSTER,
    subject,
    audience,
    issuedAt: new Date(issuedMs),
    expiresAt: new Date(NOW_MS + 60_000),
  };
  return signCredential(claims, { id: "a", privateKey: keys.privateKey });
}

/** The status for control and for reaching a replica; 0 where it is let in. */
async function judged(given: string | undefined): Promise<[number, number]> {
  const fields: [string, string][] = given === undefined ? [] : [["Authorization", `Bearer ${given}`]];
  const status = async (purpose: "control" | "replica") => {
    const admission = await guard(fields, { field: "authorization", purpose });
    return "refusal" in admission ? admission.refusal.status : 0;
  };
  return [await status("control"), await status("replica")];
}

Deno.test("an agent takes orders from who holds a controller's credential for it, and from nobody else", async () => {
  assertEquals(await judged(await credential(CONTROLLER, SELF)), [0, 0]);
  assertEquals(await judged(undefined), [401, 401]);
  assertEquals(await judged("nonsense"), [401, 401]);
  assertEquals(await judged(await credential(CONTROLLER, OTHER)), [401, 401], "one for another agent");
  assertEquals(await judged(await credential(OTHER, SELF)), [401, 401], "not a controller");
  assertEquals(await judged(await credential(OTHER, CONTROLLER)), [401, 401], "a node's for the controller");
});

Deno.test("other nodes reach replicas and nothing more, until they are removed; what they got since counts again", async () => {
  const peer = await credential(OTHER, NODES);
  assertEquals(await judged(peer), [403, 0]);
  const at = new Date(NOW_MS).toISOString();
  assertEquals(revoked.replace([{ node: OTHER, at }]), [OTHER]);
  assertEquals(revoked.replace([{ node: OTHER, at }]), [], "known already");
  assertEquals(await judged(peer), [401, 401]);
  assertEquals(await judged(await credential(OTHER, NODES, { issuedMs: NOW_MS + 1_000 })), [403, 0]);
  assertEquals(revoked.replace([]), []);
  assertEquals(await judged(peer), [403, 0]);
});
