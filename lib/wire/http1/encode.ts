/**
 * Heads and chunks as bytes. A field that could break out of its line is a mistake of the caller and throws: nothing
 * that came through the reader can hold one, and whoever sends on only what has, need not have it judged twice.
 * @module
 */

import { type Fields, NO_FIELDS } from "./fields.ts";
import { encodeLatin1, isToken } from "./octets.ts";

/** Space to the end of Latin-1, without DEL, and tab. */
const LINE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TARGET = /^[\x21-\x7e]+$/;

const REASONS: Readonly<Record<number, string>> = {
  100: "Continue",
  101: "Switching Protocols",
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  507: "Insufficient Storage",
};

/** The chunk that ends a body without trailers. */
export const LAST_CHUNK: Uint8Array = encodeLatin1("0\r\n\r\n");
/** What a client that expects 100-continue waits for. */
export const CONTINUE: Uint8Array = encodeLatin1("HTTP/1.1 100 Continue\r\n\r\n");

export interface RequestLines {
  method: string;
  target: string;
  fields: Fields;
}

export interface ResponseLines {
  status: number;
  reason?: string | undefined;
  fields: Fields;
}

/** A request's head; `target` goes out byte for byte. */
export function encodeRequestHead(request: RequestLines): Uint8Array {
  judgeFields(request.fields);
  return encodeLatin1(judgedRequestText(request));
}

/** An answer's head. Without a reason the usual one for the status is said. */
export function encodeResponseHead(response: ResponseLines): Uint8Array {
  return encodeLatin1(responseHeadText(response));
}

/** The same as text, for a caller that sends head and body in one piece. */
export function responseHeadText(response: ResponseLines): string {
  judgeFields(response.fields);
  return judgedResponseText(response);
}

/** A request's head as text, when its fields have been judged: by the reader that they came through, or by `judgeFields`. */
export function judgedRequestText({ method, target, fields }: RequestLines): string {
  if (!isToken(method)) throw new TypeError(`Cannot encode request: "${method}" is not a method`);
  if (!TARGET.test(target)) throw new TypeError(`Cannot encode request: "${target}" is not a target`);
  return `${method} ${target} HTTP/1.1\r\n${fieldLines(fields)}\r\n`;
}

/** An answer's head as text, when its fields have been judged. */
export function judgedResponseText({ status, reason, fields }: ResponseLines): string {
  const phrase = reason ?? REASONS[status] ?? "";
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new TypeError(`Cannot encode response: ${status} is not a status`);
  }
  if (!LINE.test(phrase)) throw new TypeError("Cannot encode response: the reason holds control characters");
  return `HTTP/1.1 ${status} ${phrase}\r\n${fieldLines(fields)}\r\n`;
}

/** Throws when a field could break out of its line. */
export function judgeFields(fields: Fields): void {
  for (const [name, value] of fields) {
    if (!isToken(name)) throw new TypeError(`Cannot encode field: "${name}" is not a field name`);
    if (!LINE.test(value)) throw new TypeError(`Cannot encode field "${name}": its value holds control characters`);
  }
}

/** One chunk, ready to send in one write. Empty data gives nothing: an empty chunk would end the body. */
export function encodeChunk(data: Uint8Array): Uint8Array {
  if (data.length === 0) return data;
  const size = data.length.toString(16);
  const chunk = new Uint8Array(size.length + data.length + 4);
  for (let at = 0; at < size.length; at++) chunk[at] = size.charCodeAt(at);
  chunk.set([0x0d, 0x0a], size.length);
  chunk.set(data, size.length + 2);
  chunk.set([0x0d, 0x0a], chunk.length - 2);
  return chunk;
}

/** The last chunk and the trailers after it. */
export function encodeLastChunk(trailers: Fields = NO_FIELDS): Uint8Array {
  if (trailers.length === 0) return LAST_CHUNK;
  judgeFields(trailers);
  return encodeLatin1(`0\r\n${fieldLines(trailers)}\r\n`);
}

function fieldLines(fields: Fields): string {
  let lines = "";
  for (const [name, value] of fields) lines += `${name}: ${value}\r\n`;
  return lines;
}
