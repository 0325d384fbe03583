/**
 * What `.musterignore` leaves out of a folder, in the manner of `.gitignore`: a pattern a line, the last that fits counts.
 * `*` and `?` stay within a name, `**` goes over folders, a slash at the beginning or in the middle ties the pattern to
 * the folder itself, one at the end means folders, and `!` takes back. Pure.
 * @module
 */

/** Whether a path, with slashes and below the folder, is left out. What is in a folder that is left out isn't asked. */
export type Ignores = (path: string, kind: "file" | "folder") => boolean;

interface Pattern {
  fits: RegExp;
  foldersOnly: boolean;
  /** It leaves out, or takes back. */
  leavesOut: boolean;
}

/** Whatever it says, the history of the sources is no part of what runs. */
const ALWAYS = ".git";

/** What the text of a `.musterignore` leaves out. */
export function parseIgnore(text: string): Ignores {
  const patterns = text.split(/\r?\n/).flatMap((line) => patternOf(line.trimEnd()));
  return (path, kind) => {
    if (path === ALWAYS || path.endsWith(`/${ALWAYS}`)) return true;
    const last = patterns.findLast(({ fits, foldersOnly }) => (kind === "folder" || !foldersOnly) && fits.test(path));
    return last?.leavesOut ?? false;
  };
}

function patternOf(line: string): Pattern[] {
  if (line === "" || line.startsWith("#")) return [];
  const leavesOut = !line.startsWith("!");
  const given = line.replace(/^\\?!|^\\(?=#)/, "");
  const foldersOnly = given.endsWith("/");
  const path = given.replace(/\/+$/, "");
  if (path === "") return [];
  const isTied = path.includes("/");
  const within = path.replace(/^\//, "").split("/").map(partOf).join("/")
    // Between folders, `**` may stand for none of them as well.
    .replaceAll(`${ANY}/`, "(?:.*/)?").replaceAll(ANY, ".*");
  return [{ fits: new RegExp(`^${isTied ? "" : "(?:.*/)?"}${within}$`, "s"), foldersOnly, leavesOut }];
}

/** Stands for `**` until the parts are together; no pattern has it. */
const ANY = "\0";

function partOf(part: string): string {
  if (part === "**") return ANY;
  return part.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll(/\*+/g, "[^/]*").replaceAll("?", "[^/]");
}
