import { assertEquals } from "@std/assert";
import { savedLines } from "../../../lib/controller/backup/saved_lines.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { artifactOf, type ArtifactParts } from "../../support/artifact_parts.ts";
import { artifactLines } from "../../support/backup_lines.ts";
import { serviceRecord } from "../../support/store_records.ts";

const [SHOP, WEB] = [artifactOf({ "a.ts": "2\n", "main.ts": "1\n" }), artifactOf({ "main.ts": "1\n" })];

Deno.test("savedLines() gives what services run, each chunk once and before what is made of it", async () => {
  const [, ...webLines] = artifactLines(WEB);
  assertEquals(await artifactsIn([SHOP, WEB]), [...artifactLines(SHOP), ...webLines]);
});

Deno.test("savedLines() leaves out an artifact that is damaged here, and gives the rest", async () => {
  const [gone] = SHOP.chunks.keys();
  assertEquals(WEB.chunks.has(gone!), false);
  const kept = await artifactsIn([SHOP, WEB], gone);
  const whole = kept.flatMap((line) => line.kind === "artifact" ? [line.sha256] : []);
  assertEquals(whole, [WEB.sha256]);
});

/** The lines behind the records, of services that run these; one chunk may be gone. */
async function artifactsIn(artifacts: ArtifactParts[], gone?: string) {
  const records = artifacts.map(({ sha256 }, at) => {
    const record = serviceRecord({ name: `service-${at}` });
    return { record: { ...record, spec: { ...record.spec, artifact: { sha256 } } }, revision: 1 };
  });
  const chunks = new Map(artifacts.flatMap((artifact) => [...artifact.chunks]));
  const lines = await Array.fromAsync(savedLines({
    store: { load: () => Promise.resolve({ cluster: "c", epoch: 1, revision: 1, records }) },
    artifacts: {
      readManifest: (sha256) => Promise.resolve(artifacts.find((one) => one.sha256 === sha256)?.text),
      readChunk: (digest) => Promise.resolve(digest === gone ? undefined : chunks.get(digest)),
    },
    authority: undefined,
    clock: systemClock,
  }));
  return lines.slice(1 + records.length);
}
