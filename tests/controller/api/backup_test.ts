import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { type BackupLine, readBackup } from "../../../lib/wire/backup.ts";
import { makeAuthority } from "../../../lib/wire/certificates.ts";
import { Restored } from "../../../lib/wire/restored.ts";
import { backupFile, backupLines, HEAD, SAVED_CLUSTER } from "../../support/backup_lines.ts";
import { CLUSTER, type Harness, startApi } from "./harness.ts";

/** The harness has no room for artifacts. */
const LINES = backupLines().filter(({ kind }) => kind === "backup" || kind === "record");
const FILE = await backupFile(LINES);
const SHOP = { name: "shop", command: ["shop"] };

Deno.test("GET /v1/backup gives all records at one revision", async () => {
  await using harness = await startApi();
  await harness.addNode("alpha");
  await harness.call("POST", "/scale", { body: { replicas: 2 } });
  const response = await harness.call("GET", "/v1/backup");
  assertEquals(response.headers.get("content-type"), "application/gzip");
  const [head, ...lines] = await linesIn(response);
  const { records, ...meta } = await harness.store.load();
  assertEquals(head?.kind === "backup" && { cluster: head.cluster, epoch: head.epoch, revision: head.revision }, meta);
  assertEquals(lines, records.map((stored) => ({ kind: "record", ...stored })));
});

Deno.test("POST /v1/restore puts the records of a backup in the place of all others, beyond both", async () => {
  await using harness = await startApi();
  await harness.call("POST", "/v1/apply", { body: SHOP });
  const before = await harness.store.load();
  const restored = await restore(harness);
  assertEquals([restored.cluster, restored.created_at], [SAVED_CLUSTER, HEAD.created_at]);
  assertEquals([restored.services, restored.nodes, restored.removed], [["payload"], ["alpha"], ["shop"]]);
  const { cluster, records, ...head } = await harness.store.load();
  assertEquals(cluster, SAVED_CLUSTER);
  assertEquals(head, { epoch: restored.epoch, revision: restored.revision });
  assertGreater(head.epoch, Math.max(before.epoch, HEAD.epoch) + 1_000);
  assertEquals(records.map(({ record }) => record.type), ["node", "service"]);
});

Deno.test("a rehearsal of a restoration says what would be, and changes nothing", async () => {
  await using harness = await startApi();
  await harness.call("POST", "/v1/apply", { body: SHOP });
  const before = await harness.store.load();
  const response = await harness.call("POST", "/v1/restore?dry_run=true", { body: FILE });
  const { dry_run, ...rehearsed } = await response.json();
  assertEquals([response.status, dry_run, rehearsed.removed], [200, true, ["shop"]]);
  assertEquals(await harness.store.load(), before);
  assertEquals(rehearsed, await restore(harness));
});

Deno.test("what is restored is what was saved", async () => {
  await using harness = await startApi();
  await harness.call("POST", "/v1/apply", { body: SHOP });
  const saved = await harness.store.load();
  const file = new Uint8Array(await (await harness.call("GET", "/v1/backup")).arrayBuffer());
  await using other = await startApi();
  assertEquals((await other.call("POST", "/v1/restore", { body: file })).status, 200);
  const { cluster, records } = await other.store.load();
  assertEquals({ cluster, records }, { cluster: CLUSTER, records: saved.records });
});

const REFUSED: Record<string, { body: Uint8Array | string | undefined; words: string }> = {
  "nothing": { body: undefined, words: "a backup is to be the body" },
  "a spec": { body: "name: web\n", words: "it is no backup" },
  "half a backup": { body: FILE.slice(0, FILE.length / 2), words: "it is no backup, or was cut off" },
};

for (const [what, { body, words }] of Object.entries(REFUSED)) {
  Deno.test(`POST /v1/restore refuses ${what}, and changes nothing`, async () => {
    await using harness = await startApi();
    const before = await harness.store.load();
    const response = await harness.call("POST", "/v1/restore", { body });
    assertEquals(response.status, 400);
    assertStringIncludes((await response.json()).detail, words);
    assertEquals(await harness.store.load(), before);
  });
}

Deno.test("a backup with an authority is refused where nodes have no identities", async () => {
  await using harness = await startApi();
  const file = await backupFile(
    LINES.toSpliced(1, 0, { kind: "authority", authority: await makeAuthority("a", 0) }),
  );
  const response = await harness.call("POST", "/v1/restore", { body: file });
  assertEquals([response.status, (await response.json()).type], [409, "urn:muster:problem:other-security"]);
});

Deno.test("artifacts that have no room are 507, and nothing is restored", async () => {
  await using harness = await startApi();
  const before = await harness.store.load();
  const file = await backupFile(backupLines());
  assertEquals((await harness.call("POST", "/v1/restore", { body: file })).status, 507);
  assertEquals(await harness.store.load(), before);
});

Deno.test("a store without room is 507, and nothing is restored", async () => {
  await using harness = await startApi({
    wrapStore: (store) => ({ ...store, replace: () => Promise.resolve({ kind: "full" }) }),
  });
  assertEquals((await harness.call("POST", "/v1/restore", { body: FILE })).status, 507);
});

Deno.test("backups are for administrators alone", async () => {
  const root = { authorization: "Bearer correct-horse-battery" };
  await using harness = await startApi({ token: "correct-horse-battery" });
  const made = await harness.call("POST", "/v1/tokens", { headers: root, body: { name: "ada", role: "operator" } });
  const headers = { authorization: `Bearer ${(await made.json()).token}` };
  assertEquals((await harness.call("GET", "/v1/backup", { headers })).status, 403);
  assertEquals((await harness.call("POST", "/v1/restore", { headers, body: FILE })).status, 403);
  assertEquals((await harness.call("GET", "/v1/backup", { headers: root })).status, 200);
});

async function restore(harness: Harness): Promise<Restored> {
  const response = await harness.call("POST", "/v1/restore", { body: FILE });
  assertEquals(response.status, 200);
  return Restored.parse(await response.json());
}

async function linesIn(response: Response): Promise<BackupLine[]> {
  return await Array.fromAsync(readBackup(response.body!));
}
