import { assert, assertEquals } from "@std/assert";
import { BAD_CHUNK_SIZES } from "./bad_chunk_sizes.ts";
import type { RequestHead } from "../../../lib/wire/http1/event.ts";
import { fieldValue } from "../../../lib/wire/http1/fields.ts";
import { RequestReader } from "../../../lib/wire/http1/request.ts";
import { contentIn, refusalIn, transcript } from "./transcript.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n";
const POST = "POST / HTTP/1.1\r\nHost: a\r\n";
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;

function read(text: string) {
  return transcript(new RequestReader(), text);
}

function headOf(text: string): RequestHead {
  const head = read(text)[0];
  assert(head?.kind === "request", `no head: ${JSON.stringify(head)}`);
  return head;
}

/** What is sent, and the status that it gets. */
const REFUSED: readonly (readonly [input: string, text: string, status: number])[] = [
  ["Content-Length with Transfer-Encoding", `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
  ["Transfer-Encoding with Content-Length", `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`, 400],
  ["two different Content-Lengths", `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`, 400],
  ["two equal Content-Lengths", `${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`, 400],
  ...["5, 5", "+5", "-1", "0x5", "5 5", "12345678901234567890", "9007199254740993", "", "005", "1_0", "5;"].map(
    (value) => [`Content-Length "${value}"`, `${POST}Content-Length: ${value}\r\n\r\n`, 400] as const,
  ),
  ...[
    "xchunked",
    "chunked, identity",
    "chunked, chunked",
    "identity",
    "",
    ",chunked,",
    "gzip",
    "chunked;q=1",
    "\x0bchunked",
  ]
    .map((value) => [`Transfer-Encoding "${value}"`, `${POST}Transfer-Encoding: ${value}\r\n\r\n`, 400] as const),
  ["a transfer coding that is not spoken", `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n`, 501],
  ["two Transfer-Encodings", `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
  ["Transfer-Encoding folded", `${POST}Transfer-Encoding:\r\n chunked\r\n\r\n`, 400],
  ["Transfer-Encoding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400],
  ...BAD_CHUNK_SIZES.map((size) => [`chunk size "${size}"`, `${CHUNKED}${size}\r\nhello\r\n0\r\n\r\n`, 400] as const),
  ["a chunk extension over 4 kB", `${CHUNKED}5;a=${"b".repeat(4_096)}\r\nhello\r\n0\r\n\r\n`, 400],
  ["a chunk size that ends with LF alone", `${CHUNKED}5\nhello\r\n0\r\n\r\n`, 400],
  ["a chunk without CRLF after it", `${CHUNKED}5\r\nhello0\r\n\r\n`, 400],
  ["a chunk that ends with LF alone", `${CHUNKED}5\r\nhello\n0\r\n\r\n`, 400],
  ["data beyond the chunk size", `${CHUNKED}4\r\nhello\r\n0\r\n\r\n`, 400],
  ["trailers with a space before the colon", `${CHUNKED}0\r\nA : b\r\n\r\n`, 400],
  ["a space before the colon", `${GET}A : b\r\n\r\n`, 400],
  ["a name with a control character", `${GET}A\x01: b\r\n\r\n`, 400],
  ["a name with a separator", `${GET}A(b): c\r\n\r\n`, 400],
  ["a name that is not ASCII", `${GET}\xc4: b\r\n\r\n`, 400],
  ["an empty name", `${GET}: b\r\n\r\n`, 400],
  ["a field without a colon", `${GET}abc\r\n\r\n`, 400],
  ["NUL in a value", `${GET}A: b\0c\r\n\r\n`, 400],
  ["a bare CR in a value", `${GET}A: b\rc\r\n\r\n`, 400],
  ["DEL in a value", `${GET}A: \x7f\r\n\r\n`, 400],
  ["lines that end with LF alone", "GET / HTTP/1.1\nHost: a\n\n", 400],
  ["a field that ends with LF alone", `${GET}A: b\nC: d\r\n\r\n`, 400],
  ["a folded line", `${GET}A: b\r\n c\r\n\r\n`, 400],
  ["a space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["two Hosts", `${GET}Host: a\r\n\r\n`, 400],
  ...["a b", "u@a", "a/b", "", "a,b:80:90", "a:99999", "a:x", "[::1", "a?b", "a\\b"].map(
    (host) => [`Host "${host}"`, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400] as const,
  ),
  ["a method with strange characters", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["no method", " / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["HTTP/0.9", "GET /\r\n", 400],
  ["HTTP/1.2", "GET / HTTP/1.2\r\n", 505],
  ["HTTP/2.0", "GET / HTTP/2.0\r\n", 505],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
  ["http/1.1 in lower case", "GET / http/1.1\r\n", 400],
  ["HTTP/01.1", "GET / HTTP/01.1\r\n", 400],
  ["HTTP/1.1 with something after it", "GET / HTTP/1.1 \r\n", 400],
  ["two spaces in the request line", "GET  / HTTP/1.1\r\n", 400],
  ["a tab in the request line", "GET\t/\tHTTP/1.1\r\n", 400],
  ["no target", "GET HTTP/1.1\r\n", 400],
  ["a target that is not ASCII", "GET /\xe4 HTTP/1.1\r\n", 400],
  ["a target with a fragment", "GET /a#b HTTP/1.1\r\n", 400],
  ["a target without a slash", "GET a HTTP/1.1\r\n", 400],
  ["* with GET", "GET * HTTP/1.1\r\n", 400],
  ["an absolute target of another scheme", "GET ftp://a/ HTTP/1.1\r\n", 400],
  ["an absolute target with a user", "GET http://u@a/ HTTP/1.1\r\n", 400],
  ["CONNECT to a path", "CONNECT /a HTTP/1.1\r\n", 400],
  ["CONNECT with content", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 3\r\n\r\n", 400],
  ["a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  ["garbage", "\xff\xfe\xfd\r\n\r\n", 400],
  ["two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n", 400],
  ["a request line over 8 kB", `GET /${"a".repeat(8_192)}`, 414],
  ["fields over 32 kB", `${GET}A: ${"a".repeat(32_768)}`, 431],
  ["a name over 32 kB", `${GET}${"a".repeat(32_768)}`, 431],
  ["more than 100 fields", `${GET}${"A: b\r\n".repeat(100)}\r\n`, 431],
  ["more than 100 trailers", `${CHUNKED}0\r\n${"A: b\r\n".repeat(101)}\r\n`, 431],
  ["another expectation", `${POST}Expect: a-pony\r\nContent-Length: 1\r\n\r\n`, 417],
];

for (const [input, text, status] of REFUSED) {
  Deno.test(`RequestReader answers ${status} to ${input}`, () => {
    const lines = read(text);
    assertEquals(refusalIn(lines)?.slice(0, 3), String(status), JSON.stringify(lines));
    assertEquals(lines.at(-1)?.kind, "error", "nothing may follow a refusal");
  });
}

Deno.test("RequestReader reads what lies just within the limits", () => {
  const target = `/${"a".repeat(8_192 - "GET / HTTP/1.1".length)}`;
  assertEquals(headOf(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).target, target);
  assertEquals(headOf(`${GET}${"A: b\r\n".repeat(99)}\r\n`).fields.length, 100);
});

Deno.test("RequestReader keeps names, values and target byte for byte", () => {
  const head = headOf(
    "GET /a%2Fb/../c?x=%00&y=\\ HTTP/1.1\r\nhOsT: Example.COM:80\r\nX-Y: \t \xe4 b\x80 \t\r\nEmpty:\r\n\r\n",
  );
  assertEquals(head.target, "/a%2Fb/../c?x=%00&y=\\");
  assertEquals(head.fields, [["hOsT", "Example.COM:80"], ["X-Y", "\xe4 b\x80"], ["Empty", ""]]);
  assertEquals(fieldValue(head.fields, "x-y"), "\xe4 b\x80");
  assertEquals(head.authority, "Example.COM:80");
});

Deno.test("RequestReader takes the authority from an absolute target, not from Host", () => {
  const head = headOf("GET http://b.example:81/p?q HTTP/1.1\r\nHost: a\r\n\r\n");
  assertEquals([head.form, head.authority, head.path], ["absolute", "b.example:81", "/p?q"]);
  assertEquals(headOf("GET HTTP://b?q HTTP/1.1\r\nHost: a\r\n\r\n").path, "/?q");
  assertEquals(headOf("OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n").path, "*");
});

Deno.test("RequestReader says whether the connection may be kept", () => {
  assertEquals(headOf(`${GET}\r\n`).keepAlive, true);
  assertEquals(headOf(`${GET}Connection: a, Close\r\n\r\n`).keepAlive, false);
  assertEquals(headOf("GET / HTTP/1.0\r\n\r\n").keepAlive, false);
  assertEquals(headOf("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keepAlive, true);
});

Deno.test("RequestReader asks for 100 only in HTTP/1.1 and only where content follows", () => {
  assertEquals(headOf(`${POST}Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n`).expectContinue, true);
  assertEquals(headOf(`${GET}Expect: 100-continue\r\n\r\n`).expectContinue, false);
  assertEquals(headOf("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").expectContinue, false);
});

Deno.test("RequestReader reads pipelined requests in order, whatever their framing", () => {
  const lines = read(
    `${POST}Content-Length: 3\r\n\r\nabc${CHUNKED}3;x="\\"y"\r\ndef\r\n00002\r\ngh\r\n0\r\nA: b\r\nHost: evil\r\n\r\n\r\n${GET}\r\n`,
  );
  assertEquals(lines.map((line) => line.kind), ["request", "data", "end", "request", "data", "end", "request", "end"]);
  assertEquals(contentIn(lines), "abcdefgh");
  assertEquals(lines[5], { kind: "end", trailers: [["A", "b"]] });
});

Deno.test("RequestReader leaves what follows a CONNECT alone and hands it over", () => {
  const reader = new RequestReader();
  const lines = transcript(reader, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n\x16\x03hello", { cuts: [20, 42] });
  assertEquals(lines.map((line) => line.kind), ["request"]);
  assertEquals(new TextDecoder().decode(reader.rest()), "\x16\x03hello");
});

for (
  const [place, text] of [
    ["a head", GET],
    ["counted content", `${POST}Content-Length: 3\r\n\r\nab`],
    ["a chunk's size", `${CHUNKED}5`],
    ["a chunk", `${CHUNKED}5\r\nhel`],
    ["trailers", `${CHUNKED}0\r\n`],
  ] as const
) {
  Deno.test(`RequestReader never takes a request that is cut within ${place} for complete`, () => {
    const lines = transcript(new RequestReader(), text, { end: "closed" });
    assertEquals(refusalIn(lines)?.slice(0, 3), "400");
    assert(!lines.some((line) => line.kind === "end"));
  });
}

Deno.test("RequestReader says closed when the client ends between requests", () => {
  const lines = transcript(new RequestReader(), `${GET}\r\n`, { end: "closed" });
  assertEquals(lines.map((line) => line.kind), ["request", "end", "closed"]);
});
