import { assert, assertEquals } from "@std/assert";
import { ResponseReader } from "../../../lib/wire/http1/response.ts";
import { contentIn, type Line, refusalIn, transcript } from "./transcript.ts";

const OK = "HTTP/1.1 200 OK\r\n";

function read(text: string, options: { method?: string; end?: "closed" | "cut" | "open" } = {}): Line[] {
  const reader = new ResponseReader();
  reader.expect(options.method ?? "GET");
  return transcript(reader, text, { end: options.end ?? "open" });
}

const REFUSED: readonly (readonly [answer: string, text: string])[] = [
  ["both framings", `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ["a negative length", `${OK}Content-Length: -1\r\n\r\n`],
  ["two lengths", `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
  ["a broken chunk", `${OK}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`],
  ["a coding in front of chunked", `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`],
  ["Transfer-Encoding in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["fields over 64 kB", `${OK}A: ${"a".repeat(65_536)}\r\n\r\n`],
  ["a bare CR in a value", `${OK}A: b\rC: d\r\n\r\n`],
  ["lines that end with LF alone", "HTTP/1.1 200 OK\n\n"],
  ["a flood of interim answers", "HTTP/1.1 102 Processing\r\n\r\n".repeat(17)],
  ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n"],
  ["HTTP/2", "HTTP/2 200 OK\r\n\r\n"],
  ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
  ["an empty line first", `\r\n${OK}\r\n`],
];

for (const [answer, text] of REFUSED) {
  Deno.test(`ResponseReader refuses ${answer}`, () => {
    assertEquals(refusalIn(read(text))?.slice(0, 3), "502");
  });
}

for (
  const [kind, method, head] of [
    ["an answer to HEAD", "HEAD", `${OK}Content-Length: 5\r\n\r\n`],
    ["a 204", "GET", "HTTP/1.1 204 No Content\r\n\r\n"],
    ["a 304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"],
  ] as const
) {
  Deno.test(`ResponseReader ends ${kind} after its head and refuses content after it`, () => {
    const lines = read(`${head}hello`, { method });
    assertEquals(lines.map((line) => line.kind), ["response", "end", "error"]);
    assertEquals(contentIn(lines), "");
  });
}

Deno.test("ResponseReader reads content until the connection closes", () => {
  const lines = read(`${OK}\r\nhello`, { end: "closed" });
  assertEquals(lines.map((line) => line.kind), ["response", "data", "end", "closed"]);
  assert(lines[0]?.kind === "response" && !lines[0].keepAlive);
});

Deno.test("ResponseReader never takes content for complete when the connection broke", () => {
  for (const head of [OK, `${OK}Content-Length: 9\r\n`, `${OK}Transfer-Encoding: chunked\r\n`]) {
    const content = head.includes("chunked") ? "5\r\nhello\r\n" : "hello";
    const lines = read(`${head}\r\n${content}`, { end: "cut" });
    assertEquals(lines.map((line) => line.kind), ["response", "data", "error"]);
  }
});

Deno.test("ResponseReader gives interim answers before the final one", () => {
  const lines = read(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`);
  assertEquals(lines.map((line) => line.kind), ["interim", "response", "data", "end"]);
});

Deno.test("ResponseReader hands over what follows 101 and an agreed CONNECT", () => {
  for (
    const [method, head] of [["GET", "HTTP/1.1 101 Switching Protocols\r\n\r\n"], ["CONNECT", `${OK}\r\n`]] as const
  ) {
    const reader = new ResponseReader();
    reader.expect(method);
    assertEquals(transcript(reader, `${head}raw`).map((line) => line.kind), ["response"]);
    assertEquals(new TextDecoder().decode(reader.rest()), "raw");
  }
});

Deno.test("ResponseReader reads one answer after another over a kept connection", () => {
  const reader = new ResponseReader();
  for (let round = 0; round < 3; round++) {
    reader.expect("GET");
    const lines = transcript(reader, `${OK}Content-Length: 2\r\n\r\nok`, { cuts: [30] });
    assertEquals(lines.map((line) => line.kind), ["response", "data", "end"]);
    assert(reader.idle);
  }
});

Deno.test("ResponseReader says closed, not an error, when nothing of an answer came", () => {
  assertEquals(read("", { end: "closed" }), [{ kind: "closed" }]);
});
