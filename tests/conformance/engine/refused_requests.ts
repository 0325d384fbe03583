/**
 * Requests that the ingress refuses, each with the status that it gets: the rows of what bad input gets, a line each.
 * Whatever follows them on their connection is discarded.
 * @module
 */
import { BAD_CHUNK_SIZES } from "../../wire/http1/bad_chunk_sizes.ts";

export interface RefusedRequest {
  name: string;
  text: string;
  status: number;
  /** The client says that nothing more will come. */
  isEnding?: boolean;
}

const GET = "GET / HTTP/1.1\r\nHost: web\r\n";
const POST = "POST / HTTP/1.1\r\nHost: web\r\n";
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;

type Row = readonly [name: string, text: string, status?: number];

function each(what: string, values: readonly string[], text: (value: string) => string): Row[] {
  return values.map((value) => [`${what} ${JSON.stringify(value)}`, text(value)]);
}

const FRAMING: readonly Row[] = [
  ["Content-Length, then Transfer-Encoding", `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["Transfer-Encoding, then Content-Length", `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
  ["two different Content-Lengths", `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`],
  ["two equal Content-Lengths", `${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
  ...each(
    "Content-Length",
    [
      "5, 5",
      "5,6",
      "+5",
      "-1",
      "0x5",
      "5 5",
      "12345678901234567890",
      "9007199254740993",
      "",
      "005",
      "1_0",
      "5.0",
      "5;",
    ],
    (value) => `${POST}Content-Length: ${value}\r\n\r\nhello`,
  ),
  ...each(
    "Transfer-Encoding",
    [
      "xchunked",
      "chunked, identity",
      "chunked, chunked",
      "identity",
      "",
      ",chunked",
      "gzip",
      "chunked;q=1",
      "chunk\x0bed",
    ],
    (value) => `${POST}Transfer-Encoding: ${value}\r\n\r\n0\r\n\r\n`,
  ),
  ["two Transfer-Encodings", `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["a Transfer-Encoding that isn't spoken", `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 501],
  ["Transfer-Encoding on a folded line", `${POST}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`],
  ["Transfer-Encoding in HTTP/1.0", "POST / HTTP/1.0\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  ["Transfer-Encoding with a space before the colon", `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
];

const CHUNKS: readonly Row[] = [
  ...each(
    "the chunk size",
    BAD_CHUNK_SIZES,
    (size) => `${CHUNKED}${size}\r\nhello\r\n0\r\n\r\n`,
  ),
  ["a chunk extension over 4 kB", `${CHUNKED}5;a=${"b".repeat(4_096)}\r\nhello\r\n0\r\n\r\n`],
  ["a chunk size that ends with LF alone", `${CHUNKED}5\nhello\r\n0\r\n\r\n`],
  ["a chunk without CRLF after it", `${CHUNKED}5\r\nhello0\r\n\r\n`],
  ["a chunk that ends with LF alone", `${CHUNKED}5\r\nhello\n0\r\n\r\n`],
  ["data beyond the chunk size", `${CHUNKED}4\r\nhello\r\n0\r\n\r\n`],
  ["trailers with a space before the colon", `${CHUNKED}0\r\nA : b\r\n\r\n`],
  ["trailers that end with LF alone", `${CHUNKED}0\r\nA: b\n\r\n`],
];

const FIELDS: readonly Row[] = [
  ["a space before the colon", `${GET}A : b\r\n\r\n`],
  ["a tab before the colon", `${GET}A\t: b\r\n\r\n`],
  ["a name with a control character", `${GET}A\x01: b\r\n\r\n`],
  ["a name with a separator", `${GET}A(b): c\r\n\r\n`],
  ["a name that isn't ASCII", `${GET}\xc4: b\r\n\r\n`],
  ["an empty name", `${GET}: b\r\n\r\n`],
  ["a field without a colon", `${GET}abc\r\n\r\n`],
  ["NUL in a value", `${GET}A: b\0c\r\n\r\n`],
  ["NUL in a name", `${GET}A\0: b\r\n\r\n`],
  ["a bare CR in a value", `${GET}A: b\rc\r\n\r\n`],
  ["DEL in a value", `${GET}A: \x7f\r\n\r\n`],
  ["lines that end with LF alone", "GET / HTTP/1.1\nHost: web\n\n"],
  ["a field that ends with LF alone", `${GET}A: b\nC: d\r\n\r\n`],
  ["a head that ends with LF alone", `${GET}A: b\r\n\n`],
  ["a folded line", `${GET}A: b\r\n c\r\n\r\n`],
  ["a line folded with a tab", `${GET}A: b\r\n\tc\r\n\r\n`],
  ["a space before the first field", "GET / HTTP/1.1\r\n Host: web\r\n\r\n"],
  ["fields over 32 kB", `${GET}A: ${"a".repeat(32_768)}\r\n\r\n`, 431],
  ["a field name over 32 kB", `${GET}${"a".repeat(32_768)}: b\r\n\r\n`, 431],
  ["more than 100 fields", `${GET}${"A: b\r\n".repeat(100)}\r\n`, 431],
];

const HOSTS: readonly Row[] = [
  ["no Host", "GET / HTTP/1.1\r\n\r\n"],
  ["two Hosts", `${GET}Host: other\r\n\r\n`],
  ["two equal Hosts", `${GET}Host: web\r\n\r\n`],
  ["an absolute target without Host", "GET http://web/ HTTP/1.1\r\n\r\n"],
  ...each(
    "the Host",
    ["a b", "u@a", "a/b", "", "a,b:80:90", "a:99999", "a:x", "[::1", "a?b", "a\\b", "a#b", "\xe4"],
    (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ),
];

const REQUEST_LINES: readonly Row[] = [
  ...each(
    "the method",
    ["G@T", "", "GET:", "G\x01T", "G\xc4T"],
    (method) => `${method} / HTTP/1.1\r\nHost: web\r\n\r\n`,
  ),
  ...each(
    "the version",
    ["http/1.1", "HTTP/01.1", "HTTP/1.1 ", "HTTP/1.", "HTTP/11", "HTTP/1.10", "HTTPS/1.1", "HTTP /1.1", "HTTP/1,1"],
    (version) => `GET / ${version}\r\nHost: web\r\n\r\n`,
  ),
  ["HTTP/0.9", "GET /\r\n\r\n"],
  ["HTTP/1.2", "GET / HTTP/1.2\r\nHost: web\r\n\r\n", 505],
  ["HTTP/2.0", "GET / HTTP/2.0\r\nHost: web\r\n\r\n", 505],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
  ["two spaces in the request line", "GET  / HTTP/1.1\r\nHost: web\r\n\r\n"],
  ["a tab in the request line", "GET\t/\tHTTP/1.1\r\nHost: web\r\n\r\n"],
  ["a space before the request line", " GET / HTTP/1.1\r\nHost: web\r\n\r\n"],
  ["a bare CR in the request line", "GET /\rHTTP/1.1\r\nHost: web\r\n\r\n"],
  ["NUL in the request line", "GET /\0 HTTP/1.1\r\nHost: web\r\n\r\n"],
  ["no target", "GET HTTP/1.1\r\nHost: web\r\n\r\n"],
  ["two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: web\r\n\r\n"],
  ["a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ["garbage", "\xff\xfe\xfd\r\n\r\n"],
  ["a request line over 8 kB", `GET /${"a".repeat(8_192)} HTTP/1.1\r\nHost: web\r\n\r\n`, 414],
];

const TARGETS: readonly Row[] = [
  ...each(
    "the target",
    ["a", "/\xe4", "/a#b", "*", "ftp://web/", "http://u@web/", "http:///a", "http://web:99999/", "/a b", "web:80"],
    (target) => `GET ${target} HTTP/1.1\r\nHost: web\r\n\r\n`,
  ),
  ["CONNECT to a host", "CONNECT web:80 HTTP/1.1\r\nHost: web:80\r\n\r\n", 405],
  ["CONNECT to a path", "CONNECT /a HTTP/1.1\r\nHost: web\r\n\r\n"],
  ["CONNECT with content", "CONNECT web:1 HTTP/1.1\r\nHost: web:1\r\nContent-Length: 3\r\n\r\nabc"],
];

const EXPECTATIONS: readonly Row[] = [
  ["another expectation", `${POST}Expect: a-pony\r\nContent-Length: 1\r\n\r\na`, 417],
  ["another expectation without content", `${GET}Expect: 200-ok\r\n\r\n`, 417],
  [
    "another expectation beside 100-continue",
    `${POST}Expect: a-pony\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n`,
    417,
  ],
];

const CUT_SHORT: readonly Row[] = [
  ["a request line that breaks off", "GET / HT"],
  ["fields that break off", `${GET}A: b`],
  ["content that breaks off", `${POST}Content-Length: 5\r\n\r\nhell`],
  ["a chunk that breaks off", `${CHUNKED}5\r\nhell`],
  ["chunks without the last one", `${CHUNKED}5\r\nhello\r\n`],
  ["trailers that break off", `${CHUNKED}5\r\nhello\r\n0\r\nA: b\r\n`],
];

export const REFUSED_REQUESTS: readonly RefusedRequest[] = [
  ...[...FRAMING, ...CHUNKS, ...FIELDS, ...HOSTS, ...REQUEST_LINES, ...TARGETS, ...EXPECTATIONS].map(named),
  ...CUT_SHORT.map((row) => ({ ...named(row), isEnding: true })),
];

function named([name, text, status = 400]: Row): RefusedRequest {
  return { name, text, status };
}
