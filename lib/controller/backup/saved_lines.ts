/**
 * What a backup is made of: the store at one revision, the artifacts that its services run or could go back to, and the
 * authority that nodes believe. The audit log stays where it was written: it is proof of that controller alone.
 * @module
 */
import type { StoredRecord } from "../../cluster/record.ts";
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import { VERSION } from "../../runtime/version.ts";
import { ArtifactManifest } from "../../wire/artifact.ts";
import { BACKUP_FORMAT, type BackupLine } from "../../wire/backup.ts";
import type { ArtifactStore } from "../artifacts/artifact_store.ts";
import { artifactsOf } from "../artifacts/named_artifacts.ts";
import type { KeptAuthorities } from "../identity/authority_files.ts";
import type { Store } from "../store/store.ts";

const log = getLog("backup");

export interface Savable {
  store: Pick<Store, "load">;
  artifacts: Pick<ArtifactStore, "readManifest" | "readChunk">;
  /** Where nodes have identities. */
  authority: (() => Promise<KeptAuthorities>) | undefined;
  clock: Pick<Clock, "wall">;
}

/** All of it, line by line. */
export async function* savedLines({ store, artifacts, authority, clock }: Savable): AsyncGenerator<BackupLine> {
  const { records, ...meta } = await store.load();
  const created_at = new Date(clock.wall()).toISOString();
  yield { kind: "backup", format: BACKUP_FORMAT, version: VERSION, created_at, ...meta };
  if (authority !== undefined) yield { kind: "authority", ...await authority() };
  for (const stored of records) yield { kind: "record", ...stored };
  yield* artifactLines(artifacts, namedIn(records));
}

function namedIn(records: readonly StoredRecord[]): Set<string> {
  return new Set(records.flatMap(({ record }) => record.type === "service" ? [...artifactsOf(record)] : []));
}

async function* artifactLines(artifacts: Savable["artifacts"], named: Set<string>): AsyncGenerator<BackupLine> {
  const given = new Set<string>();
  for (const sha256 of named) {
    const text = await artifacts.readManifest(sha256);
    if (text === undefined) {
      lacks({ sha256 });
      continue;
    }
    const source = new TextDecoder().decode(text);
    const { files } = ArtifactManifest.parse(JSON.parse(source));
    for (const chunk of files.flatMap(({ chunks }) => chunks)) {
      if (given.has(chunk)) continue;
      const bytes = await artifacts.readChunk(chunk);
      if (bytes === undefined) {
        lacks({ sha256, chunk });
        break;
      }
      given.add(chunk);
      yield { kind: "chunk", sha256: chunk, data: bytes.toBase64() };
    }
    if (files.every(({ chunks }) => chunks.every((chunk) => given.has(chunk)))) {
      yield { kind: "artifact", sha256, text: source };
    }
  }
}

/** No reason to save nothing: agents that have it run it all the same. */
function lacks(part: { sha256: string; chunk?: string }): void {
  log.warn("A backup was made without an artifact: it is missing here, or was damaged", part);
}
