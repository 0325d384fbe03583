/**
 * The name of the host that a request is for, as routes are compared with it: what Host or `:authority` says, in lower
 * case, without the port, and without the dot that may end a full name. An IPv6 address keeps its brackets.
 * @module
 */

const DOT = 0x2e;
const BRACKET = 0x5b;

export function hostName(authority: string): string {
  let end = authority.charCodeAt(0) === BRACKET ? authority.indexOf("]") + 1 : authority.indexOf(":");
  if (end <= 0) end = authority.length;
  if (authority.charCodeAt(end - 1) === DOT) end--;
  return (end === authority.length ? authority : authority.slice(0, end)).toLowerCase();
}
