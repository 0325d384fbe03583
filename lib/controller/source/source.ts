/**
 * Where specs come from that the controller keeps applied: the port of `--file`. A source is looked at again and again,
 * and says whether there is something new; `file_source.ts` and `s3_source.ts` are its kinds, `keep_applied.ts` the one
 * who looks.
 * @module
 */

/** All texts of a source together. A spec is some hundred bytes: more than this is another file given by mistake. */
export const SOURCE_BYTES_MAX = 1_024 * 1_024;

/** One file or object of a source, by the name under which errors speak of it. */
export interface SpecText {
  name: string;
  text: string;
}

export type SourceReading =
  | { kind: "text"; texts: readonly SpecText[]; version: string }
  /** Nothing new since the version seen, or not yet: it is just being written. */
  | { kind: "unchanged" }
  | { kind: "missing" }
  | { kind: "failed"; reason: string };

/** A place with specs. */
export interface SpecSource {
  /** As the operator wrote it. */
  name: string;
  /** How often it is worth a look. */
  everyMs: number;
  /** Reads it, unless it still has the version seen. Rejects only when the signal is aborted. */
  read(options: { seen: string | undefined; signal: AbortSignal }): Promise<SourceReading>;
}
