/**
 * The SHA-256 by which chunks and artifacts are called.
 * @module
 */
import { createHash } from "node:crypto";

/** In 64 hexadecimal digits. */
export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
