/**
 * Paths of an artifact's files: such as every system takes, and such as lead nowhere out of the folder on any. A list is
 * refused where it is given, as an agent that can't make a file would try for ever.
 * @module
 */
import * as z from "zod";

const PATH_MAX = 1_024;
/** Folders on the way to a file, and the file: what is made, synced and looked at is bounded by it. */
export const PATH_PARTS_MAX = 64;
/** What most file systems have room for, in UTF-8. */
const NAME_BYTES_MAX = 255;
/** Empty names, characters and endings: `.` and `..` end with a dot. The whole path at once, as lists are long. */
// deno-lint-ignore no-control-regex
const TAKEN_NOWHERE = /[\x00-\x1f\x7f\\:*?"<>|]|[. ](\/|$)|(^|\/)(\/|$)/;
/** Windows takes them for devices, with any ending as well. */
const DEVICE = /(^|\/)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|\/|$)/i;

const RULE = "a path within the folder, such as bin/start.sh: without . and .., names that no system takes or that " +
  `have more than ${NAME_BYTES_MAX} bytes, and with at most ${PATH_PARTS_MAX} parts`;

/** A path below the folder, with slashes. */
export const ArtifactPath = z.string().max(PATH_MAX).refine(isPlainPath, { error: RULE });

function isPlainPath(path: string): boolean {
  if (!path.isWellFormed() || TAKEN_NOWHERE.test(path) || DEVICE.test(path)) return false;
  const parts = path.split("/", PATH_PARTS_MAX + 1);
  return parts.length <= PATH_PARTS_MAX && parts.every(isShortName);
}

function isShortName(name: string): boolean {
  // Only long ones are worth counting: a character has three bytes at most, or four in two of a string's units.
  return name.length * 3 <= NAME_BYTES_MAX || new TextEncoder().encode(name).length <= NAME_BYTES_MAX;
}
