/**
 * Which folder a service runs, by the name under which the cluster has it: the digest of the list of its files
 * (`wire/artifact.ts`). Another folder is another spec, and so another generation.
 * @module
 */
import * as z from "zod";
import type { ObjectOf } from "./spec_field.ts";

const DIGEST_RULE = "a SHA-256 in 64 hexadecimal digits";

/** A SHA-256, as chunks and artifacts are called by it. */
export const Digest = z.string({ error: DIGEST_RULE }).regex(/^[0-9a-f]{64}$/, { error: DIGEST_RULE });

/** `{sha256: "…"}`: a folder that was uploaded. */
export function artifactSchema(object: ObjectOf) {
  return object({ sha256: Digest });
}
