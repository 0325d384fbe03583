/**
 * From what was given as `--file` to the sources themselves.
 * @module
 */
import type { Clock } from "../../runtime/clock.ts";
import { fileSource } from "./file_source.ts";
import { s3AccessFrom, s3Source } from "./s3_source.ts";
import type { SpecSource } from "./source.ts";
import type { SourceName } from "./source_name.ts";

/** Opens nothing yet but what is needed to look. Throws when the environment lacks what S3 needs. */
export function openSources(
  names: readonly SourceName[],
  { env, clock }: { env: { get(name: string): string | undefined }; clock: Clock },
): SpecSource[] {
  return names.map((name) => {
    return name.kind === "file" ? fileSource(name.path, { clock }) : s3Source(name, s3AccessFrom(env));
  });
}
