/**
 * The strictest reading of requests there is, written a second time and as simply as can be: regular expressions over
 * the whole text, no state, no limits on size. What it doesn't take for a request must never come out at a replica.
 * @module
 */

export interface NaiveRequest {
  method: string;
  target: string;
  version: string;
  fields: readonly (readonly [name: string, value: string])[];
  framing: "none" | "length" | "chunked";
  content: string;
}

export interface Reading {
  /** Complete, in their order. */
  requests: NaiveRequest[];
  /** What comes after them: nothing, the beginning of one more, something else, or bytes that are no requests. */
  then: "end" | "partial" | "invalid" | "tunnel";
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const VALUE = "[\\t\\x20-\\x7e\\x80-\\xff]*";
const LINE = `${TOKEN}:${VALUE}\\r\\n`;
const HEAD = new RegExp(`^(?:\\r\\n)?(${TOKEN}) ([!"$-~]+) HTTP/1\\.([01])\\r\\n((?:${LINE})*)\\r\\n`);
const TRAILERS = new RegExp(`^((?:${LINE})*)\\r\\n`);
const QUOTED = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"';
const CHUNK = new RegExp(`^([0-9A-Fa-f]{1,13})(?:;${TOKEN}(?:=(?:${TOKEN}|${QUOTED}))?)*\\r\\n`);
const HOST = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._~!$&'()*+,;=%-]{1,255})(?::(\d{0,5}))?$/;
/** The absolute form, whose authority must be one that Host could hold. */
const ABSOLUTE = /^https?:\/\/([^/?]*)(?:[/?].*)?$/i;

export function naiveReading(text: string): Reading {
  const requests: NaiveRequest[] = [];
  let rest = text;
  // An empty line after the last one begins nothing.
  while (rest !== "" && rest !== "\r\n") {
    const head = HEAD.exec(rest);
    if (head === null) return { requests, then: /\r\n\r\n/.test(rest.slice(2)) ? "invalid" : "partial" };
    const [whole, method = "", target = "", minor, lines = ""] = head;
    const fields = fieldsOf(lines);
    const framing = framingOf(fields, minor === "1");
    if (framing === "invalid" || !isHostValid(fields, minor === "1")) return { requests, then: "invalid" };
    const expected = valuesOf(fields, "expect");
    if (minor === "1" && expected.length > 0 && !/^100-continue$/i.test(expected.join())) {
      return { requests, then: "invalid" };
    }
    if (!isTargetValid(method, target)) return { requests, then: "invalid" };
    if (method === "CONNECT") return { requests, then: framing === "none" ? "tunnel" : "invalid" };
    const content = contentOf(rest.slice(whole.length), framing);
    if (typeof content === "string") return { requests, then: content };
    const { text, rest: left } = content;
    const kind = framing === "none" || framing === "chunked" ? framing : "length";
    requests.push({ method, target, version: `1.${minor}`, fields, framing: kind, content: text });
    rest = left;
  }
  return { requests, then: "end" };
}

/** All values of a field. */
export function valuesOf(fields: NaiveRequest["fields"], name: string): string[] {
  return fields.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value);
}

function fieldsOf(lines: string): NaiveRequest["fields"] {
  return lines.split("\r\n").slice(0, -1).map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+/, "").replace(/[ \t]+$/, "")];
  });
}

function framingOf(fields: NaiveRequest["fields"], isNew: boolean): "none" | "chunked" | "invalid" | number {
  const lengths = valuesOf(fields, "content-length");
  const codings = valuesOf(fields, "transfer-encoding");
  if (lengths.length + codings.length > 1) return "invalid";
  const [length, coding] = [lengths[0], codings[0]];
  if (coding !== undefined) return isNew && coding.toLowerCase() === "chunked" ? "chunked" : "invalid";
  if (length === undefined) return "none";
  return /^(0|[1-9]\d{0,15})$/.test(length) && Number(length) <= Number.MAX_SAFE_INTEGER ? Number(length) : "invalid";
}

function isHostValid(fields: NaiveRequest["fields"], isNew: boolean): boolean {
  const hosts = valuesOf(fields, "host");
  return hosts.length === 0 ? !isNew : hosts.length === 1 && isAuthority(hosts[0]!);
}

function isAuthority(text: string): boolean {
  const match = HOST.exec(text);
  return match !== null && Number(match[1] ?? 0) < 65_536;
}

function isTargetValid(method: string, target: string): boolean {
  if (method === "CONNECT") return isAuthority(target);
  if (target === "*") return method === "OPTIONS";
  return target.startsWith("/") || isAuthority(ABSOLUTE.exec(target)?.[1] ?? "");
}

function contentOf(
  text: string,
  framing: "none" | "chunked" | number,
): { text: string; rest: string } | Reading["then"] {
  if (framing === "none") return { text: "", rest: text };
  if (framing === "chunked") return chunksOf(text);
  return text.length < framing ? "partial" : { text: text.slice(0, framing), rest: text.slice(framing) };
}

function chunksOf(text: string): { text: string; rest: string } | Reading["then"] {
  let [content, rest] = ["", text];
  for (;;) {
    const line = CHUNK.exec(rest);
    if (line === null) return rest.includes("\n") ? "invalid" : "partial";
    const bytes = Number.parseInt(line[1]!, 16);
    rest = rest.slice(line[0].length);
    if (bytes === 0) break;
    if (rest.length < bytes) return "partial";
    content += rest.slice(0, bytes);
    const end = rest.slice(bytes, bytes + 2);
    if (end !== "\r\n") return "\r\n".startsWith(end) ? "partial" : "invalid";
    rest = rest.slice(bytes + 2);
  }
  const trailers = TRAILERS.exec(rest);
  if (trailers === null) return /^\r\n|\r\n\r\n/.test(rest) ? "invalid" : "partial";
  return { text: content, rest: rest.slice(trailers[0].length) };
}
