/**
 * The agent's routes by which a controller gives it what its replicas run: the list of an artifact's files, which is
 * answered by the chunks that are missing, and these. Bytes count for what their digest says, whoever sends them.
 * @module
 */
import { ArtifactManifest, CHUNK_BYTES_MAX, faultOfManifest, MANIFEST_BYTES_MAX } from "../../wire/artifact.ts";
import { digestOf } from "../../wire/digest.ts";
import { BodyError, type HttpReply, type HttpRequest } from "../http/http_message.ts";
import { json, refusal } from "../http/refusal.ts";
import type { Artifacts } from "./artifacts.ts";

type Taker = { artifacts: Pick<Artifacts, "take" | "putChunk"> };

/** `POST /v1/artifacts/{digest}` */
export async function postArtifact(request: HttpRequest, { artifacts }: Taker, sha256: string): Promise<HttpReply> {
  const text = await bytesOf(request, MANIFEST_BYTES_MAX);
  if (digestOf(text) !== sha256) return mismatch();
  const manifest = manifestIn(text);
  if (typeof manifest === "string") {
    return refusal("bad-request", { title: "Bad Request", status: 400, detail: manifest });
  }
  const taken = artifacts.take(sha256, manifest, text);
  if (taken.kind === "missing") return json(200, { missing: taken.chunks });
  const detail = "no replica that is ordered here waits for this artifact";
  return refusal("not-wanted", { title: "Conflict", status: 409, detail });
}

/** `PUT /v1/chunks/{digest}` */
export async function putChunk(request: HttpRequest, { artifacts }: Taker, digest: string): Promise<HttpReply> {
  const bytes = await bytesOf(request, CHUNK_BYTES_MAX);
  if (digestOf(bytes) !== digest) return mismatch();
  if (await artifacts.putChunk(digest, bytes)) return { status: 204 };
  const detail = "there is no room left on this host's disk";
  return refusal("disk-full", { title: "Insufficient Storage", status: 507, detail });
}

/** The list, or in words what is wrong with it. */
function manifestIn(text: Uint8Array): ArtifactManifest | string {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return "the list of files is no JSON";
  }
  const parsed = ArtifactManifest.safeParse(value);
  if (!parsed.success) return `the list of files is not understood: ${parsed.error.issues[0]?.message}`;
  return faultOfManifest(parsed.data) ?? parsed.data;
}

function mismatch(): HttpReply {
  const detail = "the path is to be the SHA-256 of the body; was it changed on the way?";
  return refusal("digest-mismatch", { title: "Bad Request", status: 400, detail });
}

async function bytesOf({ body }: HttpRequest, bytesMax: number): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > bytesMax) throw new BodyError(413, `the body is longer than ${bytesMax} bytes`);
    parts.push(part as Uint8Array<ArrayBuffer>);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
