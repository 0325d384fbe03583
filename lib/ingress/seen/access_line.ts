/**
 * How one request looks in the access log: a JSON object for machines, or the combined format that Apache and nginx made
 * common. Whatever a client sends, a line is one line of printable characters and of bounded length, a value never passes
 * for another field, and credentials are taken out (`without_secrets.ts`).
 * @module
 */
import { withoutSecrets } from "./without_secrets.ts";

export type AccessFormat = "json" | "combined";

/** How a request ended. */
export type Ending =
  /** A replica's answer went out whole. */
  | "answered"
  /** The ingress answered itself: with an error, or a redirect. */
  | "own answer"
  /** A tunnel or WebSocket was closed by one of its ends. */
  | "tunnel closed"
  /** The client went before its answer was complete. */
  | "client left"
  /** The replica's answer broke off when its head was already out. */
  | "broken"
  /** A time limit cut what was under way. */
  | "late"
  /** The ingress stopped. */
  | "stopped";

/** One request and what came of it. */
export interface Access {
  /** When it came, in milliseconds since 1970. */
  time: number;
  peer: string;
  method: string;
  target: string;
  host: string;
  protocol: string;
  /** 0 when none was sent. */
  status: number;
  /** Content without heads and framing; of a tunnel all that it carried. */
  bytesIn: number;
  bytesOut: number;
  /** Until the last byte was out. */
  durationMs: number;
  /** Until the head of the replica's answer. */
  headMs?: number;
  route?: string;
  service?: string;
  replica?: string;
  node?: string;
  /** How many replicas it was sent to. */
  tries: number;
  referer?: string;
  userAgent?: string;
  requestId?: string;
  traceId?: string;
  ended: Ending;
}

const TEXT_MAX = 512;
/** Of a target and a referrer. */
const ADDRESS_MAX = 2_048;
const CUT = "...";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The line for a request, without a line end. */
export function accessLine(access: Access, format: AccessFormat): string {
  return format === "json" ? jsonLine(access) : combinedLine(access);
}

/** The line that stands for those that could not be written. */
export function droppedLine({ time, lines }: { time: number; lines: number }, format: AccessFormat): string {
  if (format === "json") return `{"time":"${isoTime(time)}","dropped_lines":${lines}}`;
  return `- - - [${secondOf(time).combined}] "-" 0 0 "-" "muster: ${lines} lines dropped"`;
}

/** What is unknown is left out. */
function jsonLine(access: Access): string {
  const line = JSON.stringify({
    time: isoTime(access.time),
    peer: bounded(access.peer),
    method: bounded(access.method),
    target: boundedAddress(access.target),
    host: boundedAddress(access.host),
    protocol: bounded(access.protocol),
    status: whole(access.status),
    bytes_in: whole(access.bytesIn),
    bytes_out: whole(access.bytesOut),
    duration_ms: fine(access.durationMs),
    head_ms: access.headMs === undefined ? undefined : fine(access.headMs),
    route: bounded(access.route),
    service: bounded(access.service),
    replica: bounded(access.replica),
    node: bounded(access.node),
    tries: whole(access.tries),
    referer: boundedAddress(access.referer),
    user_agent: bounded(access.userAgent),
    request_id: bounded(access.requestId),
    trace_id: bounded(access.traceId),
    ended: access.ended,
  });
  return line.replace(JSON_UNESCAPED, unicodeEscape);
}

/** What JSON leaves alone and a terminal may obey: DEL, C1, line ends and direction marks. */
const JSON_UNESCAPED = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function combinedLine(access: Access): string {
  const request = [bounded(access.method), boundedAddress(access.target), bounded(access.protocol)].map(word).join(" ");
  const sizes = `${whole(access.status)} ${whole(access.bytesOut)}`;
  const referer = quoted(boundedAddress(access.referer));
  // What is before the time is not quoted in this format.
  const peer = word(bounded(access.peer)).replaceAll('"', "");
  return `${peer} - - [${secondOf(access.time).combined}] "${request}" ${sizes} ${referer} ${
    quoted(bounded(access.userAgent))
  }`;
}

function quoted(text: string | undefined): string {
  return `"${text === undefined || text === "" ? "-" : escaped(text)}"`;
}

/** As part of the request's line: spaces separate there. */
function word(text: string): string {
  return text === "" ? "-" : escaped(text).replaceAll(" ", "\\x20");
}

/** As Apache escapes: printable ASCII only. A head is Latin-1, so that a character is the octet which was sent. */
function escaped(text: string): string {
  return text.replace(/[^\x20-\x7e]|["\\]/g, (char) => {
    const code = char.charCodeAt(0);
    if (char === '"' || char === "\\") return `\\${char}`;
    return code > 0xff ? unicodeEscape(char) : `\\x${code.toString(16).padStart(2, "0")}`;
  });
}

function isoTime(time: number): string {
  const second = secondOf(time);
  return `${second.iso}.${String(Math.floor(time - second.begin)).padStart(3, "0")}Z`;
}

interface Second {
  /** In milliseconds. */
  begin: number;
  iso: string;
  combined: string;
}

/** The last one is kept: thousands of requests fall into the same second. */
let known: Second | undefined;

function secondOf(time: number): Second {
  const begin = Math.floor(time / 1_000) * 1_000;
  if (known?.begin === begin) return known;
  const iso = new Date(begin).toISOString().slice(0, 19);
  const [year, month, day] = iso.split("T", 1).join("").split("-");
  const combined = `${day}/${MONTHS[Number(month) - 1]}/${year}:${iso.slice(11)} +0000`;
  known = { begin, iso, combined };
  return known;
}

function bounded(text: string): string;
function bounded(text: string | undefined): string | undefined;
function bounded(text: string | undefined): string | undefined {
  return text === undefined || text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}${CUT}`;
}

/** Credentials are taken out first: cut in the middle, they might no longer look like any. */
function boundedAddress(text: string): string;
function boundedAddress(text: string | undefined): string | undefined;
function boundedAddress(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const inert = withoutSecrets(text);
  return inert.length <= ADDRESS_MAX ? inert : `${inert.slice(0, ADDRESS_MAX)}${CUT}`;
}

function whole(number: number): number {
  return Number.isFinite(number) ? Math.round(number) : 0;
}

/** To the microsecond. */
function fine(ms: number): number {
  return whole(ms * 1_000) / 1_000;
}
