/**
 * The parameters in a target's query, decoded, for routes that ask for some (`condition.ts`). A form's rules: pairs
 * between `&`, `+` for a space. What is no UTF-8 after decoding stays as it was sent, and so equals no decoded text.
 * @module
 */

/** Names to all the values that they are given, in their order. */
export function queryValues(target: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  const queryAt = target.indexOf("?");
  if (queryAt < 0) return values;
  for (const pair of target.slice(queryAt + 1).split("&")) {
    if (pair === "") continue;
    const equalsAt = pair.indexOf("=");
    const name = decoded(equalsAt < 0 ? pair : pair.slice(0, equalsAt));
    const value = equalsAt < 0 ? "" : decoded(pair.slice(equalsAt + 1));
    const others = values.get(name);
    if (others === undefined) values.set(name, [value]);
    else others.push(value);
  }
  return values;
}

function decoded(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return text;
  }
}
