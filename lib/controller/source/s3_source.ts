/**
 * An object in S3-compatible storage as a source of specs. Its version is the ETag, so that a look at an object that has
 * not changed carries no content. Who reads, and where, is in the variables that all tools for S3 share; the secret goes
 * nowhere but into signatures.
 * @module
 */
import { S3mini } from "s3mini";
import { digestOf, readBoundedText } from "./bounded_text.ts";
import type { SourceReading, SpecSource } from "./source.ts";
import { type SourceName, sourceText } from "./source_name.ts";

export const S3_EVERY_MS = 10_000;
const READ_MAX_MS = 10_000;

/** Which storage, and as whom. */
export interface S3Access {
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** What a refusal of the storage usually means here. */
const HINTS: Readonly<Record<string, string>> = {
  // Some say this of an unknown key as well.
  SignatureDoesNotMatch: "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  InvalidAccessKeyId: "check AWS_ACCESS_KEY_ID",
  AccessDenied: "allow this access key to read it",
  AuthorizationHeaderMalformed: "check AWS_REGION",
  PermanentRedirect: "check AWS_REGION and AWS_ENDPOINT_URL",
  RequestTimeTooSkewed: "check the clock of this host",
};

/** Reads the access from the environment. Throws, with the names of all variables that are missing. */
export function s3AccessFrom(env: { get(name: string): string | undefined }): S3Access {
  const endpoint = env.get("AWS_ENDPOINT_URL_S3") || env.get("AWS_ENDPOINT_URL") || "";
  const [region = "", accessKeyId = "", secretAccessKey = ""] = [
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
  ].map((name) => env.get(name));
  const needed = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const missing = Object.entries(needed).filter(([, value]) => value === "").map(([name]) => name);
  if (missing.length > 0) {
    throw new Error(
      `Cannot read specs from S3: ${missing.join(", ")} not set; set all of ${Object.keys(needed).join(", ")}`,
    );
  }
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? "")) {
    throw new Error(
      "Cannot read specs from S3: AWS_ENDPOINT_URL is no URL; expected one such as https://s3.example.com",
    );
  }
  return { endpoint: endpoint.replace(/\/+$/, ""), region, accessKeyId, secretAccessKey };
}

/** Specs in one object, which need not be there yet. */
export function s3Source(name: Extract<SourceName, { kind: "s3" }>, access: S3Access): SpecSource {
  const text = sourceText(name);
  return {
    name: text,
    everyMs: S3_EVERY_MS,
    read: async ({ seen, signal }) => {
      try {
        const options = { seen, signal: AbortSignal.any([signal, AbortSignal.timeout(READ_MAX_MS)]) };
        return await readObject({ name, text, access }, options);
      } catch (error) {
        if (signal.aborted || !(error instanceof Error)) throw error;
        return { kind: "failed", reason: reasonOf(error) };
      }
    },
  };
}

async function readObject(
  { name: { bucket, key }, text: name, access }: {
    name: Extract<SourceName, { kind: "s3" }>;
    text: string;
    access: S3Access;
  },
  { seen, signal }: { seen: string | undefined; signal: AbortSignal },
): Promise<SourceReading> {
  // The client gives the same for "not changed" and "not there".
  let status = 0;
  const client = new S3mini({
    ...access,
    endpoint: `${access.endpoint}/${bucket}`,
    fetch: async (input, init) => {
      const answer = await fetch(input, { ...init, signal, redirect: "manual" });
      status = answer.status;
      return answer;
    },
  });
  const response = await client.getObjectResponse(key, seen === undefined ? {} : { "if-none-match": seen });
  if (response === null) return withoutContent(status);
  const read = await readBoundedText(response.body ?? new Blob([]).stream());
  if (read.kind === "failed") return read;
  const texts = [{ name, text: read.text }];
  const version = response.headers.get("etag") ?? await digestOf(texts);
  // Not every storage knows the condition.
  return version === seen ? { kind: "unchanged" } : { kind: "text", texts, version };
}

function withoutContent(status: number): SourceReading {
  if (status === 304) return { kind: "unchanged" };
  if (status === 404) return { kind: "missing" };
  return { kind: "failed", reason: `the storage answered ${status} without content` };
}

/** What the client throws carries what the storage said in two fields; its body repeats the whole request. */
function reasonOf(error: Error): string {
  const { status, serviceCode } = error as { status?: unknown; serviceCode?: unknown };
  if (typeof status !== "number") return error.cause instanceof Error ? error.cause.message : error.message;
  const code = String(serviceCode);
  const hint = HINTS[code];
  return `the storage answered ${status} ${code}${hint === undefined ? "" : `; ${hint}`}`;
}
