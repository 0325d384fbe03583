import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { RequestReader } from "../../../lib/wire/http1/request.ts";
import { ResponseReader } from "../../../lib/wire/http1/response.ts";
import { type Line, transcript } from "./transcript.ts";

const REQUESTS = [
  "GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n",
  "\r\nPOST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world",
  "PUT /x HTTP/1.1\r\nhost: a:80\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nConnection: keep-alive\r\n\r\n",
  "GET http://b.example/p HTTP/1.1\r\nHost: a\r\nX-Long: abcdefghijklmnopqrstuvwxyz\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
  "GET / HTTP/2.0\r\n\r\n",
  "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nraw bytes",
];
const RESPONSES = [
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200\r\n\r\nuntil the end",
  "HTTP/1.0 404 Not Found\r\n\r\n",
];
const MARKS = [
  "\r",
  "\n",
  "\r\n",
  " ",
  ":",
  "\0",
  "\t",
  ";",
  "0",
  "f",
  "chunked",
  "Content-Length: 3\r\n",
  "\xff",
  ",",
];

const cuts = fc.array(fc.nat(400), { maxLength: 40 });
const requests = fc.array(fc.constantFrom(...REQUESTS), { minLength: 1, maxLength: 4 }).map((list) => list.join(""));
const response = fc.constantFrom(...RESPONSES);
/** A text with pieces put in, taken out and doubled at random places. */
const mutated = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.array(fc.tuple(fc.nat(400), fc.nat(6), fc.constantFrom("", ...MARKS)), { maxLength: 5 }))
    .map(([source, edits]) =>
      edits.reduce((now, [at, drop, put]) => now.slice(0, at) + put + now.slice(at + drop), source)
    );
const ending = fc.constantFrom("closed" as const, "cut" as const, "open" as const);

Deno.test("RequestReader gives the same events however well-formed bytes are split", () => {
  fc.assert(fc.property(requests, cuts, ending, (text, at, end) => {
    assertEquals(readRequests(text, at, end), readRequests(text, [], end));
  }));
});

Deno.test("RequestReader gives the same events however malformed bytes are split, and always comes to an end", () => {
  fc.assert(
    fc.property(mutated(requests), cuts, ending, (text, at, end) => {
      const whole = readRequests(text, [], end);
      assertEquals(readRequests(text, at, end), whole);
      assertOrder(whole);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("RequestReader gives the same events byte by byte", () => {
  for (const text of REQUESTS) {
    const each = Array.from(text, (_, at) => at);
    assertEquals(readRequests(text, each, "closed"), readRequests(text, [], "closed"));
  }
});

Deno.test("ResponseReader gives the same events however bytes are split, and always comes to an end", () => {
  fc.assert(
    fc.property(mutated(response), cuts, fc.constantFrom("GET", "HEAD", "CONNECT"), ending, (text, at, method, end) => {
      const whole = readResponse(text, { at: [], method, end });
      assertEquals(readResponse(text, { at, method, end }), whole);
      assertOrder(whole);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("RequestReader survives any bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), cuts, (bytes, at) => {
    const text = String.fromCharCode(...bytes);
    assertEquals(readRequests(text, at, "closed"), readRequests(text, [], "closed"));
  }));
});

Deno.test("MessageReader holds no more than a head, however much is pushed at once", () => {
  const reader = new RequestReader();
  transcript(reader, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(900_000)}`);
  assertEquals(reader.buffered, 0);
});

function readRequests(text: string, at: readonly number[], end: "closed" | "cut" | "open"): Line[] {
  return transcript(new RequestReader(), text, { cuts: at, end });
}

function readResponse(
  text: string,
  options: { at: readonly number[]; method: string; end: "closed" | "cut" | "open" },
): Line[] {
  const reader = new ResponseReader();
  reader.expect(options.method);
  return transcript(reader, text, { cuts: options.at, end: options.end });
}

/** head, data, end, and nothing after an error or a close. */
function assertOrder(lines: readonly Line[]): void {
  let within = false;
  for (const [index, line] of lines.entries()) {
    if (line.kind === "request" || line.kind === "response") {
      assert(!within, "a head within a message");
      within = line.framing.kind !== "tunnel";
    } else if (line.kind === "data" || line.kind === "end") {
      assert(within, `${line.kind} outside a message`);
      within = line.kind === "data";
    } else if (line.kind !== "interim") {
      assertEquals(index, lines.length - 1);
    }
  }
}
