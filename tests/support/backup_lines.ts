/**
 * Backups for tests: their lines, and files made of them.
 * @module
 */
import type { BackupLine } from "../../lib/wire/backup.ts";
import { writeBackup } from "../../lib/wire/backup.ts";
import { artifactOf, type ArtifactParts } from "./artifact_parts.ts";
import { nodeRecord, serviceRecord } from "./store_records.ts";

/** The id of the cluster that the backups are of. */
export const SAVED_CLUSTER = "0b1e55ed-0000-4000-8000-000000000001";

export const HEAD: Extract<BackupLine, { kind: "backup" }> = {
  kind: "backup",
  format: 1,
  version: "0.1.0",
  created_at: "2030-01-01T00:00:00.000Z",
  cluster: SAVED_CLUSTER,
  epoch: 3,
  revision: 9,
};

/** A backup with a service, a node and an artifact. */
export function backupLines(artifact: ArtifactParts = artifactOf({ "main.ts": "1\n" })): BackupLine[] {
  return [
    HEAD,
    { kind: "record", revision: 4, record: nodeRecord({ name: "alpha" }) },
    { kind: "record", revision: 9, record: serviceRecord({ name: "payload", desired: 2 }) },
    ...artifactLines(artifact),
  ];
}

export function artifactLines({ sha256, text, chunks }: ArtifactParts): BackupLine[] {
  return [
    ...[...chunks].map(([digest, bytes]): BackupLine => ({ kind: "chunk", sha256: digest, data: bytes.toBase64() })),
    { kind: "artifact", sha256, text: new TextDecoder().decode(text) },
  ];
}

/** The file that these lines make. */
export async function backupFile(lines: readonly BackupLine[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(writeBackup(given(lines))).arrayBuffer());
}

/** One after another, as they are read. */
export async function* given<T>(lines: Iterable<T>): AsyncGenerator<T> {
  yield* lines;
}
