/**
 * JSON as it should have been meant. `JSON.parse` keeps the last of two equal keys in silence and takes any depth; what
 * comes from outside is read here instead, where both are errors, as is `__proto__`. The text is parsed first, so that
 * the walk over it afterwards can rely on its grammar.
 * @module
 */

/** How deeply arrays and objects may lie in one another. */
export const DEPTH_MAX = 64;
/** Set on an object it would change what the object is. */
export const FORBIDDEN_KEY = "__proto__";

export type JsonResult = { ok: true; value: unknown } | { ok: false; detail: string };

export function parseJson(text: string): JsonResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    return { ok: false, detail: text.trim() === "" ? "it is empty" : error.message };
  }
  const detail = slipIn(text);
  return detail === undefined ? { ok: true, value } : { ok: false, detail };
}

/** The first thing that is wrong with a text that is valid JSON. */
function slipIn(text: string): string | undefined {
  /** The keys of each object that is open; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let keyNext = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "{" || char === "[") {
      if (open.length === DEPTH_MAX) return `it is nested more than ${DEPTH_MAX} levels deep`;
      open.push(char === "{" ? new Set() : undefined);
      keyNext = char === "{";
    } else if (char === "}" || char === "]") {
      open.pop();
      keyNext = false;
    } else if (char === ",") {
      keyNext = open.at(-1) !== undefined;
    } else if (char === '"') {
      const end = endOfString(text, at);
      if (keyNext) {
        const key = JSON.parse(text.slice(at, end + 1)) as string;
        if (key === FORBIDDEN_KEY) return `the key "${FORBIDDEN_KEY}" is not allowed`;
        if (open.at(-1)?.has(key)) return `the key "${key}" is given twice`;
        open.at(-1)?.add(key);
        keyNext = false;
      }
      at = end;
    }
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
