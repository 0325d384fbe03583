/**
 * `/v1/chunks` and `/v1/artifacts`: folders that services run, given chunk by chunk and then as the list of their files.
 * What the cluster has already is never asked for again. A digest says all about what it is of: who gives a chunk has to
 * prove nothing but that.
 * @module
 */
import {
  ArtifactManifest,
  type ArtifactView,
  CHUNK_BYTES_MAX,
  faultOfManifest,
  MANIFEST_BYTES_MAX,
} from "../../wire/artifact.ts";
import { digestOf } from "../../wire/digest.ts";
import { problem } from "../../wire/problem.ts";
import type { KeptArtifact } from "../artifacts/artifact_store.ts";
import { lackingArtifact, type WithArtifact } from "../artifacts/lacking_artifact.ts";
import { namedArtifacts } from "../artifacts/named_artifacts.ts";
import { isScoped } from "../people/principal.ts";
import { sees } from "./access/access.ts";
import { badRequest, json, notFound } from "./answer.ts";
import { faultyBody, parseBody } from "./body.ts";
import type { Call, Route } from "./context.ts";
import { answerPage } from "./page.ts";
import { UNKEPT } from "./precondition.ts";
import { bodyOf, route } from "./route.ts";

const EXAMPLE = '{"files":[{"path":"main.ts","size":0,"executable":false,"chunks":[]}]}';
/** Missing chunks that a refusal names. */
const NAMED_MAX = 10;
const RETRY_AFTER_S = 60;

const UPLOADS = { scope: "own", refuses: UNKEPT } as const;

export const artifactRoutes: readonly Route[] = [
  route("findMissingChunks", { ...UPLOADS, handle: findMissing }),
  route("putChunk", { ...UPLOADS, bodyBytesMax: CHUNK_BYTES_MAX, handle: putChunk }),
  route("listArtifacts", { scope: "own", handle: listArtifacts }),
  route("getArtifact", { scope: "own", handle: getArtifact }),
  route("putArtifact", { ...UPLOADS, bodyBytesMax: MANIFEST_BYTES_MAX, handle: putArtifact }),
];

/** The refusal of specs whose artifact was not uploaded, or not by the caller, where that has to be. */
export function artifactRefusal(call: Call, specs: readonly WithArtifact[]): Response | undefined {
  const lacking = lackingArtifact(call.var.api.artifacts, specs, { isTheirs: isShownTo(call) });
  if (lacking === undefined) return undefined;
  const errors = [{ pointer: "/artifact/sha256", detail: lacking }];
  return problem({ type: "unknown-artifact", title: "Bad Request", status: 400, detail: lacking, errors });
}

function findMissing(call: Call): Response {
  const asked = bodyOf(call, "findMissingChunks");
  return asked instanceof Response ? asked : json({ missing: call.var.api.artifacts.missing(asked.chunks) });
}

async function putChunk(call: Call): Promise<Response> {
  const { digest, bytes } = givenIn(call);
  const wrong = bytes.length === 0 ? badRequest("a chunk has at least one byte") : refusalOf(digest, bytes);
  if (wrong !== undefined) return wrong;
  const given = await call.var.api.artifacts.putChunk(digest, bytes);
  return given === "full" ? full() : new Response(null, { status: given === "new" ? 201 : 204 });
}

async function putArtifact(call: Call): Promise<Response> {
  const { digest, bytes: text } = givenIn(call);
  const wrong = refusalOf(digest, text);
  if (wrong !== undefined) return wrong;
  const manifest = parseBody(new TextDecoder().decode(text), { schema: ArtifactManifest, example: EXAMPLE });
  if (manifest instanceof Response) return manifest;
  const fault = faultOfManifest(manifest);
  if (fault !== undefined) return faultyBody([{ pointer: "/files", detail: fault }], EXAMPLE);
  const given = await call.var.api.artifacts.putManifest(digest, { text, files: manifest.files, giver: giverIn(call) });
  switch (given.kind) {
    case "new":
    case "known":
      return json(viewOf(call, given.artifact), { status: given.kind === "new" ? 201 : 200 });
    case "missing":
      return missing(given.chunks);
    case "faulty":
      return faultyBody([{ pointer: "/files", detail: given.detail }], EXAMPLE);
    case "full":
      return full();
    default:
      return given satisfies never;
  }
}

function listArtifacts(call: Call): Response {
  const isShown = isShownTo(call);
  return answerPage(call, {
    items: call.var.api.artifacts.list().filter(({ sha256 }) => isShown(sha256)),
    keyOf: ({ sha256 }) => sha256,
    viewOf: (artifact) => viewOf(call, artifact),
  });
}

async function getArtifact(call: Call): Promise<Response> {
  const digest = digestIn(call);
  const text = isShownTo(call)(digest) ? await call.var.api.artifacts.readManifest(digest) : undefined;
  if (text === undefined) return notFound("artifact", { name: digest });
  return new Response(text.slice(), {
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}

/**
 * Whoever is for some services only is told of what those run, or could go back to, and of what they gave themselves: to
 * give the list takes the list, which nobody else is shown.
 */
function isShownTo(call: Call): (sha256: string) => boolean {
  const giver = giverIn(call);
  if (giver === undefined) return () => true;
  const { state, artifacts } = call.var.api;
  const named = namedArtifacts(state);
  const seen = sees(call);
  return (sha256) => artifacts.isGivenBy(sha256, giver) || (named.get(sha256)?.some(seen) ?? false);
}

/** By what is remembered what somebody gave; undefined where all is theirs. */
function giverIn(call: Call): string | undefined {
  const { who } = call.env;
  return isScoped(who) ? who.id : undefined;
}

function viewOf(call: Call, { sha256, files, bytes, createdMs }: KeptArtifact): ArtifactView {
  const services = namedArtifacts(call.var.api.state).get(sha256) ?? [];
  const created_at = new Date(createdMs).toISOString();
  return { sha256, files, bytes, created_at, services: services.filter(sees(call)).toSorted() };
}

function givenIn(call: Call): { digest: string; bytes: Uint8Array } {
  return { digest: digestIn(call), bytes: call.var.bytes ?? new Uint8Array() };
}

/** The digest in the path; what is none fits no bytes and names nothing. */
function digestIn(call: Call): string {
  return call.req.param("digest") ?? "";
}

function refusalOf(digest: string, bytes: Uint8Array): Response | undefined {
  const found = digestOf(bytes);
  if (found === digest) return undefined;
  const detail = `the path is to be the SHA-256 of the body, which is ${found}; was it changed on the way?`;
  return problem({ type: "digest-mismatch", title: "Bad Request", status: 400, detail });
}

function missing(chunks: readonly string[]): Response {
  const [count, named] = [chunks.length, chunks.slice(0, NAMED_MAX)];
  const more = count > named.length ? ` and ${count - named.length} more` : "";
  const detail = `${count} of its chunks are missing: ${
    named.join(", ")
  }${more}; put them first, to /v1/chunks/<digest>`;
  return problem({ type: "chunks-missing", title: "Conflict", status: 409, detail });
}

function full(): Response {
  return problem({
    type: "store-full",
    title: "Insufficient Storage",
    status: 507,
    detail: "there is no room left for artifacts: nothing was kept. What no service names goes after an hour; " +
      "remove services that are not needed, or make room on the controller's disk, of which some stays free for its " +
      "own state, and try again",
    headers: { "retry-after": String(RETRY_AFTER_S) },
  });
}
