/**
 * The one form of a request's path that routes are compared with, so that no other spelling leads around a route. It
 * goes as far as the most lenient replica would: escapes are read once, `\` is `/`, parameters after `;` are dropped,
 * empty segments vanish, `.` and `..` are resolved. Only the comparison sees it: what is forwarded stays as it was sent.
 * @module
 */

/** What a path may hold that makes its canonical form another one. */
const UNUSUAL = /[%\\;#]|\/[./]/;
const ESCAPE = /%([0-9A-Fa-f]{2})?/g;
const SLASH = 0x2f;

/**
 * What the escape of each octet stands for: a visible ASCII character. All others stay escaped, as do "?" and "#", which
 * would cut the path, and "%" itself, also where it begins no escape: else a second reading would find something new.
 */
const MEANING: readonly string[] = Array.from({ length: 256 }, (_, octet) => {
  const character = String.fromCharCode(octet);
  if (/[\x21-\x7e]/.test(character) && !/[%?#]/.test(character)) return character;
  return `%${octet.toString(16).toUpperCase().padStart(2, "0")}`;
});

/** The canonical form of a target's path, without its query. It begins with "/", and is canonical itself. */
export function canonicalPath(target: string): string {
  const queryAt = target.indexOf("?");
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  return path.charCodeAt(0) === SLASH && !UNUSUAL.test(path) ? path : resolved(path);
}

function resolved(path: string): string {
  // OPTIONS asks about everything with "*": that is the host's first path.
  if (path === "*") return "/";
  const fragmentAt = path.indexOf("#");
  const decoded = (fragmentAt < 0 ? path : path.slice(0, fragmentAt)).replace(ESCAPE, unescaped).replaceAll("\\", "/");
  const segments: string[] = [];
  let isFolder = false;
  for (const part of decoded.split("/")) {
    const parametersAt = part.indexOf(";");
    const segment = parametersAt < 0 ? part : part.slice(0, parametersAt);
    isFolder = segment === "" || segment === "." || segment === "..";
    if (segment === "..") segments.pop();
    if (!isFolder) segments.push(segment);
  }
  return `/${segments.join("/")}${isFolder && segments.length > 0 ? "/" : ""}`;
}

function unescaped(_escape: string, digits: string | undefined): string {
  return digits === undefined ? "%25" : MEANING[parseInt(digits, 16)]!;
}
