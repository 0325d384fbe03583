/**
 * Requests that are in order, or that proxies are known to read differently: what they make of these is compared.
 * @module
 */

const HOST = "Host: web\r\n";

function get(target: string, fields = ""): string {
  return `GET ${target} HTTP/1.1\r\n${HOST}${fields}\r\n`;
}

function post(fields: string, content = ""): string {
  return `POST / HTTP/1.1\r\n${HOST}${fields}\r\n${content}`;
}

const CHUNKED = "Transfer-Encoding: chunked\r\n";

export const GOOD_REQUESTS: readonly { name: string; text: string }[] = [
  ...[
    "/",
    "/a?b",
    "/%00",
    "/%0d%0a",
    "/a\\b",
    "/..%2fa",
    "/a/../b",
    "/../a",
    "//a//b",
    "/?",
    "/a;b",
    '/"<>^`{|}',
    "/%zz",
    "/%",
  ]
    .map((target) => ({ name: `GET ${target}`, text: get(target) })),
  { name: "an unknown method", text: `BREW / HTTP/1.1\r\n${HOST}\r\n` },
  { name: "a method in lower case", text: `get / HTTP/1.1\r\n${HOST}\r\n` },
  { name: "TRACE", text: `TRACE / HTTP/1.1\r\n${HOST}\r\n` },
  { name: "OPTIONS *", text: `OPTIONS * HTTP/1.1\r\n${HOST}\r\n` },
  { name: "OPTIONS http://web", text: `OPTIONS http://web HTTP/1.1\r\n${HOST}\r\n` },
  { name: "an absolute target of the same host", text: get("http://web/a") },
  { name: "an absolute target of another host", text: get("http://other/a") },
  { name: "an absolute target without a path", text: get("http://web?a") },
  { name: "HTTP/1.0 without Host", text: "GET / HTTP/1.0\r\n\r\n" },
  { name: "HTTP/1.0 with Host", text: `GET / HTTP/1.0\r\n${HOST}\r\n` },
  { name: "HTTP/1.0 with content", text: `POST / HTTP/1.0\r\n${HOST}Content-Length: 2\r\n\r\nab` },
  { name: "an empty line first", text: `\r\n${get("/")}` },
  { name: "Host with a port", text: "GET / HTTP/1.1\r\nHost: web:80\r\n\r\n" },
  { name: "Host with an address of IPv6", text: "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n" },
  { name: "Host in capitals", text: "GET / HTTP/1.1\r\nHOST: WEB\r\n\r\n" },
  { name: "Host with an underscore", text: "GET / HTTP/1.1\r\nHost: we_b\r\n\r\n" },
  { name: "Host with a trailing dot", text: "GET / HTTP/1.1\r\nHost: web.\r\n\r\n" },
  { name: "Content-Length 0", text: post("Content-Length: 0\r\n") },
  { name: "Content-Length 2", text: post("Content-Length: 2\r\n", "ab") },
  { name: "no Content-Length", text: post("") },
  { name: "Content-Length on GET", text: get("/", "Content-Length: 2\r\n") + "ab" },
  { name: "Content-Length on DELETE", text: get("/", "Content-Length: 2\r\n").replace("GET", "DELETE") + "ab" },
  { name: "chunks", text: post(CHUNKED, "2\r\nab\r\n0\r\n\r\n") },
  { name: "chunks on GET", text: get("/", CHUNKED) + "2\r\nab\r\n0\r\n\r\n" },
  { name: "chunks with an extension", text: post(CHUNKED, '2;a="b"\r\nab\r\n0\r\n\r\n') },
  { name: "a chunk size with zeros in front", text: post(CHUNKED, "0002\r\nab\r\n0\r\n\r\n") },
  { name: "trailers", text: post(CHUNKED, "2\r\nab\r\n0\r\nA: b\r\n\r\n") },
  { name: "Transfer-Encoding in capitals", text: post("TRANSFER-ENCODING: CHUNKED\r\n", "2\r\nab\r\n0\r\n\r\n") },
  {
    name: "Transfer_Encoding beside Content-Length",
    text: post("Transfer_Encoding: chunked\r\nContent-Length: 2\r\n", "ab"),
  },
  {
    name: "Content-Length that Connection names",
    text: post("Connection: content-length\r\nContent-Length: 2\r\n", "ab"),
  },
  { name: "Host that Connection names", text: get("/", "Connection: host\r\n") },
  { name: "an upgrade", text: get("/", "Connection: Upgrade\r\nUpgrade: x\r\n") },
  {
    name: "an upgrade to h2c",
    text: get("/", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"),
  },
  { name: "Expect with its content", text: post("Expect: 100-continue\r\nContent-Length: 2\r\n", "ab") },
  { name: "90 fields", text: get("/", "A: b\r\n".repeat(90)) },
  { name: "a field of 7 kB", text: get("/", `A: ${"b".repeat(7_000)}\r\n`) },
  { name: "a target of 7 kB", text: get(`/${"a".repeat(7_000)}`) },
  { name: "octets beyond ASCII in a value", text: get("/", "A: \xe4\r\n") },
  { name: "a tab in a value", text: get("/", "A: b\tc\r\n") },
];
