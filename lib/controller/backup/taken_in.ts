/**
 * A backup on its way back: its records and its authority are gathered and looked over, and its artifacts go straight to
 * where artifacts are kept, which harms nothing if the rest turns out to be faulty.
 * @module
 */
import { keyOf, type StoredRecord } from "../../cluster/record.ts";
import { ArtifactManifest, CHUNK_BYTES_MAX, faultOfManifest } from "../../wire/artifact.ts";
import { BackupFault, type BackupHead, type BackupLine } from "../../wire/backup.ts";
import { digestOf } from "../../wire/digest.ts";
import type { ArtifactStore } from "../artifacts/artifact_store.ts";
import type { KeptAuthorities } from "../identity/authority_files.ts";
import { standingOf } from "../identity/standing.ts";

/** What came of it. */
export type TakenIn = { kind: "taken"; content: BackupContent } | { kind: "full" };

export interface BackupContent {
  head: BackupHead;
  authority: KeptAuthorities | undefined;
  records: StoredRecord[];
  /** How many artifacts it has. */
  artifacts: number;
}

type Artifacts = Pick<ArtifactStore, "putChunk" | "putManifest">;
type LineOf<Kind extends BackupLine["kind"]> = Extract<BackupLine, { kind: Kind }>;

/** Takes in all of it. Without a place for artifacts they are only looked over. Throws a `BackupFault`. */
export async function takeIn(lines: AsyncIterable<BackupLine>, artifacts: Artifacts | undefined): Promise<TakenIn> {
  const keys = new Set<string>();
  let content: BackupContent | undefined;
  for await (const line of lines) {
    if (line.kind === "backup") {
      content = { head: line, authority: undefined, records: [], artifacts: 0 };
      continue;
    }
    if (content === undefined) throw new BackupFault("it does not say what it is of");
    if (line.kind === "authority") content.authority = await checkedAuthority(line);
    else if (line.kind === "record") content.records.push(newRecord(line, keys));
    else if (!await takeArtifact(line, artifacts)) return { kind: "full" };
    if (line.kind === "artifact") content.artifacts += 1;
  }
  if (content === undefined) throw new BackupFault("it is empty");
  return { kind: "taken", content };
}

async function checkedAuthority({ authority, next, former, rotation }: LineOf<"authority">): Promise<KeptAuthorities> {
  const kept = { authority, next, former, rotation };
  try {
    await standingOf(kept);
  } catch (cause) {
    throw new BackupFault("the authority in it can't be read", { cause });
  }
  return kept;
}

function newRecord({ record, revision }: LineOf<"record">, keys: Set<string>): StoredRecord {
  const key = keyOf(record);
  if (keys.has(key)) throw new BackupFault(`it has ${key} twice`);
  keys.add(key);
  return { record, revision };
}

/** False when there is no room for it. */
async function takeArtifact(line: LineOf<"chunk" | "artifact">, artifacts: Artifacts | undefined): Promise<boolean> {
  const bytes = line.kind === "chunk" ? Uint8Array.fromBase64(line.data) : new TextEncoder().encode(line.text);
  const { sha256 } = line;
  if (digestOf(bytes) !== sha256) throw new BackupFault(`the ${line.kind} ${sha256} in it is not what its digest says`);
  if (line.kind === "chunk") {
    if (bytes.length > CHUNK_BYTES_MAX) throw new BackupFault(`the chunk ${sha256} in it has ${bytes.length} bytes`);
    return await artifacts?.putChunk(sha256, bytes) !== "full";
  }
  const { files } = manifestIn(line);
  const given = await artifacts?.putManifest(sha256, { text: bytes, files });
  const lacking = given?.kind === "missing" || given?.kind === "faulty";
  if (lacking) throw new BackupFault(`the artifact ${sha256} in it lacks chunks, or contradicts them`);
  return given?.kind !== "full";
}

function manifestIn({ sha256, text }: LineOf<"artifact">): ArtifactManifest {
  try {
    const manifest = ArtifactManifest.parse(JSON.parse(text));
    const fault = faultOfManifest(manifest);
    if (fault !== undefined) throw new Error(fault);
    return manifest;
  } catch (cause) {
    throw new BackupFault(`the artifact ${sha256} in it can't be read: ${(cause as Error).message}`, { cause });
  }
}
