import { assertEquals, assertRejects } from "@std/assert";
import { takeIn } from "../../../lib/controller/backup/taken_in.ts";
import { openFolderStore } from "../../../lib/controller/artifacts/folder_store.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { BackupFault, type BackupLine } from "../../../lib/wire/backup.ts";
import { artifactOf } from "../../support/artifact_parts.ts";
import { artifactLines, backupLines, given, HEAD } from "../../support/backup_lines.ts";
import { granted } from "../../support/granted.ts";
import { NO_ARTIFACTS } from "../../support/no_artifacts.ts";
import { nodeRecord } from "../../support/store_records.ts";

const ARTIFACT = artifactOf({ "main.ts": "1\n", "lib/a.ts": "2\n", "empty": "" });

Deno.test("takeIn() gathers records and keeps artifacts", { ignore: !granted }, async () => {
  const folder = await Deno.makeTempDir({ prefix: "muster-backup-" });
  try {
    const artifacts = await openFolderStore(folder, { clock: systemClock });
    const lines = backupLines(ARTIFACT);
    const taken = await takeIn(given(lines), artifacts);
    const records = lines.flatMap((line) =>
      line.kind === "record" ? [{ record: line.record, revision: line.revision }] : []
    );
    assertEquals(taken, { kind: "taken", content: { head: HEAD, authority: undefined, records, artifacts: 1 } });
    assertEquals(artifacts.list().map(({ sha256 }) => sha256), [ARTIFACT.sha256]);
    for (const [digest, bytes] of ARTIFACT.chunks) assertEquals(await artifacts.readChunk(digest), bytes);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("takeIn() without a place for artifacts looks them over", async () => {
  assertEquals((await takeIn(given(backupLines(ARTIFACT)), undefined)).kind, "taken");
});

Deno.test("takeIn() says when there is no room for the artifacts", async () => {
  assertEquals(await takeIn(given(backupLines(ARTIFACT)), NO_ARTIFACTS), { kind: "full" });
});

const [CHUNK, ...REST] = artifactLines(artifactOf({ "main.ts": "1\n" })) as [BackupLine, BackupLine];
const FAULTY: Record<string, { lines: BackupLine[]; words: string }> = {
  "nothing": { lines: [], words: "it is empty" },
  "a record before what it is of": { lines: backupLines().slice(1), words: "does not say what it is of" },
  "two records of one key": {
    lines: [HEAD, ...["a", "b"].map((name) => recordOf({ id: HEAD.cluster, name }))],
    words: `it has node/${HEAD.cluster} twice`,
  },
  "a chunk that is not what its digest says": {
    lines: [HEAD, { ...CHUNK, data: btoa("2\n") } as BackupLine, ...REST],
    words: "is not what its digest says",
  },
  "a list of files that leads out of its folder": {
    lines: [HEAD, CHUNK, ...artifactLines(artifactOf({ "../main.ts": "1\n" })).slice(1)],
    words: "can't be read",
  },
  "an authority that is none": {
    lines: [HEAD, { kind: "authority", authority: { certificate: "a", key: "b" } }],
    words: "the authority in it can't be read",
  },
};

for (const [what, { lines, words }] of Object.entries(FAULTY)) {
  Deno.test(`takeIn() refuses ${what}`, async () => {
    await assertRejects(() => takeIn(given(lines), undefined), BackupFault, words);
  });
}

Deno.test("takeIn() refuses an artifact whose chunks are not in it", { ignore: !granted }, async () => {
  const folder = await Deno.makeTempDir({ prefix: "muster-backup-" });
  try {
    const artifacts = await openFolderStore(folder, { clock: systemClock });
    await assertRejects(() => takeIn(given([HEAD, ...REST]), artifacts), BackupFault, "lacks chunks");
    assertEquals(artifacts.list(), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function recordOf(fields: Parameters<typeof nodeRecord>[0]): BackupLine {
  return { kind: "record", revision: 1, record: nodeRecord(fields) };
}
