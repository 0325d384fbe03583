/**
 * How much of what its replicas write an operator wants kept: `{max_size: 10MiB, max_files: 5, keep: 7d}` in a service's
 * spec. The agent keeps to it; a replica knows nothing of it, so that it can change under one that runs.
 * @module
 */
import * as z from "zod";
import { durationFrom, type ObjectOf } from "./spec_field.ts";

const UNIT_BYTES: Readonly<Record<string, number>> = { KiB: 1_024, MiB: 1_024 ** 2, GiB: 1_024 ** 3 };
const SIZE_MIN_BYTES = 64 * 1_024;
const SIZE_MAX_BYTES = 1_024 ** 3;
const SIZE_RULE = 'a whole number with a unit of KiB, MiB or GiB, such as "10MiB", from 64KiB to 1GiB';
const FILES_MAX = 100;
const FILES_RULE = `a whole number from 2 to ${FILES_MAX}: the one that is written to, and those before it`;

const Size = z.string({ error: SIZE_RULE }).regex(/^\d{1,10}(KiB|MiB|GiB)$/, { error: SIZE_RULE }).refine((text) => {
  const bytes = readSizeBytes(text) ?? 0;
  return bytes >= SIZE_MIN_BYTES && bytes <= SIZE_MAX_BYTES;
}, { error: SIZE_RULE });

export function logsSchema(object: ObjectOf) {
  return object({
    /** The size at which a log is cut. Standard output and error output have a log each. */
    max_size: Size.prefault("10MiB"),
    /** How many files a log has at most. */
    max_files: z.int({ error: FILES_RULE }).min(2, { error: FILES_RULE }).max(FILES_MAX, { error: FILES_RULE })
      .prefault(5),
    /** For how long files stay that are written to no more. */
    keep: durationFrom("1m").prefault("7d"),
  });
}

const LogLimits = logsSchema(z.object);
export type LogLimits = z.infer<typeof LogLimits>;

/** Where a spec says nothing of logs. */
export const LOGS_USUAL: LogLimits = LogLimits.parse({});

/** The bytes that such a text means, or undefined for one that is no size. */
export function readSizeBytes(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,10})(KiB|MiB|GiB)$/.exec(text) ?? [];
  const unitBytes = UNIT_BYTES[unit ?? ""];
  return count === undefined || unitBytes === undefined ? undefined : Number(count) * unitBytes;
}
