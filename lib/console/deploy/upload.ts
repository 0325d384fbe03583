/**
 * Gives a packed folder to the cluster: asks which of its chunks are missing there, puts those, a few at a time, and
 * then the list of the files. What was put stays put, so that an upload that broke off goes on where it was.
 * @module
 */
import { CHUNKS_ASKED_MAX, patienceMs } from "../../wire/artifact.ts";
import type { Client } from "../../wire/client/client.ts";
import { ApiRefusal } from "../../wire/client/problem_error.ts";
import { digestOf } from "../../wire/digest.ts";
import { TYPE_PREFIX } from "../../wire/problem.ts";
import type { ChunkPlace, Packed } from "./pack.ts";

const PUTS_MAX = 4;
/** What was there when it was asked for may be gone when the list comes: it belonged to nothing yet. */
const ROUNDS_MAX = 3;

/** How far it is; the total is what the cluster lacks. */
export interface Progress {
  bytesDone: number;
  bytesTotal: number;
}

/** What was sent; nothing, when the cluster had all of it. */
export interface Uploaded {
  sentBytes: number;
  sentChunks: number;
}

export interface UploadOptions {
  signal: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

type Uploads = Pick<Client, "findMissingChunks" | "putChunk" | "putArtifact">;

/** Resolves once the cluster has the artifact. */
export async function upload(client: Uploads, packed: Packed, options: UploadOptions): Promise<Uploaded> {
  const { signal } = options;
  const sent = { sentBytes: 0, sentChunks: 0 };
  for (let round = 1;; round++) {
    await putMissing(client, packed, { ...options, sent });
    try {
      const answerMs = patienceMs(packed.manifest.length);
      await client.putArtifact({ digest: packed.sha256, body: packed.manifest }, { signal, answerMs });
      return sent;
    } catch (error) {
      if (!isAboutChunks(error) || round >= ROUNDS_MAX) throw error;
    }
  }
}

async function putMissing(
  client: Uploads,
  { chunks }: Packed,
  { signal: asked, onProgress, sent }: UploadOptions & { sent: Uploaded },
): Promise<void> {
  const missing = await missingOf(client, [...chunks.keys()], asked);
  const waiting = missing.map((digest) => [digest, placeOf(chunks, digest)] as const);
  const progress = { bytesDone: 0, bytesTotal: waiting.reduce((sum, [, { size }]) => sum + size, 0) };
  onProgress?.({ ...progress });
  // When one can't be put, the others are given up.
  const failing = new AbortController();
  const signal = AbortSignal.any([asked, failing.signal]);
  const putInTurn = async () => {
    for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
      const [digest, place] = next;
      const body = await readChunk(place, digest);
      await client.putChunk({ digest, body }, { signal, answerMs: patienceMs(place.size) });
      sent.sentBytes += place.size;
      sent.sentChunks += 1;
      progress.bytesDone += place.size;
      onProgress?.({ ...progress });
    }
  };
  const puts = Array.from({ length: PUTS_MAX }, () =>
    putInTurn().catch((error) => {
      failing.abort();
      throw error;
    }));
  const [failed] = (await Promise.allSettled(puts)).filter((put) => put.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  asked.throwIfAborted();
}

async function missingOf(client: Uploads, digests: readonly string[], signal: AbortSignal): Promise<string[]> {
  const missing: string[] = [];
  for (let at = 0; at < digests.length; at += CHUNKS_ASKED_MAX) {
    const chunks = digests.slice(at, at + CHUNKS_ASKED_MAX);
    missing.push(...(await client.findMissingChunks({ body: { chunks } }, { signal })).missing);
  }
  return missing;
}

function placeOf(chunks: Packed["chunks"], digest: string): ChunkPlace {
  const place = chunks.get(digest);
  if (place === undefined) throw new TypeError(`Cannot upload chunk ${digest}: the controller asks for another's`);
  return place;
}

async function readChunk({ path, offset, size }: ChunkPlace, digest: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  await file.seek(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(size);
  let filled = 0;
  for (let count = await file.read(bytes); count !== null && filled < size;) {
    filled += count;
    count = filled < size ? await file.read(bytes.subarray(filled)) : null;
  }
  if (digestOf(bytes.subarray(0, filled)) === digest) return bytes;
  throw new Error(`Cannot upload ${path}: it has changed since it was packed; deploy again when nothing writes to it`);
}

function isAboutChunks(error: unknown): boolean {
  return error instanceof ApiRefusal && error.problem.type === `${TYPE_PREFIX}chunks-missing`;
}
