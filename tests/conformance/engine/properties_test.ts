import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { seededRandom } from "../../../lib/runtime/random.ts";
import { tryAnswers, tryRequests } from "../../fuzz/http1.ts";
import { PIECES, REQUESTS } from "../../fuzz/corpus.ts";
import { granted } from "../../support/granted.ts";
import { naiveReading } from "./naive_reading.ts";
import { say, statusesIn } from "./raw_client.ts";
import { startRecorder } from "./recorder.ts";
import { startEngine } from "./rig.ts";

const RUNS = 100;
const FUZZED = 3_000;
const GUARDED =
  /^(connection|content-length|expect|forwarded|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|via|x-.*|.*_.*)$/i;

const lettersOf = (letters: string, { minLength = 1, maxLength = 12 } = {}) =>
  fc.string({ unit: fc.constantFrom(...letters), minLength, maxLength });
const name = lettersOf("abcdefXYZ0123-!#$%&'*+.^`|~").filter((text) => !GUARDED.test(text));
const value = lettersOf('abc XYZ\t09"(),/:;<=>?@[]{}\\\xe4\xff', { minLength: 0, maxLength: 20 }).map((text) =>
  text.trim()
);
const target = lettersOf("abc019/%.;=?&~-_!\"'<>^`{|}\\", { minLength: 0, maxLength: 30 }).map((text) => `/${text}`);
const octets = fc.string({ unit: fc.nat(255).map((octet) => String.fromCharCode(octet)), maxLength: 60 });
const content = fc.oneof(
  fc.constant({ kind: "none" as const, pieces: [] as string[] }),
  octets.map((piece) => ({ kind: "length" as const, pieces: [piece] })),
  fc.array(octets.filter((piece) => piece !== ""), { maxLength: 4 }).map((pieces) => ({
    kind: "chunked" as const,
    pieces,
  })),
);
const request = fc.record({
  method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"),
  target,
  fields: fc.array(fc.tuple(name, value), { maxLength: 6 }),
  content,
});
type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;

/** As a client writes it, and how it must come out. */
function written({ method, target, fields, content: { kind, pieces } }: Request, edge = ""): string {
  const lines = fields.map((field) => `${field[0]}: ${field[1]}\r\n`).join("");
  const length = kind === "length" ? `Content-Length: ${pieces.join("").length}\r\n` : "";
  const coding = kind === "chunked" ? "Transfer-Encoding: chunked\r\n" : "";
  const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join("");
  const bytes = kind === "chunked" ? `${chunks}0\r\n\r\n` : pieces.join("");
  return `${method} ${target} HTTP/1.1\r\n${lines}Host: web\r\n${length}${edge}${coding}\r\n${bytes}`;
}

const EDGE = "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: web\r\nX-Forwarded-Proto: http\r\nVia: 1.1 muster\r\n";

function inPieces(text: string, cuts: readonly number[]): string[] {
  const sorted = [0, ...cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b), text.length];
  return sorted.slice(1).map((to, index) => text.slice(sorted[index], to));
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn });
}

const cuts = fc.array(fc.nat(400), { maxLength: 3 });

test("valid requests come out at the replica byte for byte, save what the rules name, however they are split", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica]);
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 3 }), cuts, async (requests, at) => {
      replica.forget();
      const text = requests.map((one) => written(one)).join("");
      const answer = await say(rig.port, inPieces(text, at), { isEnding: true });
      assertEquals(statusesIn(answer), requests.map(() => 200));
      // Chunks may be cut anew.
      const seen = replica.requests.map(({ content: _, ...head }) => head);
      const expected = naiveReading(requests.map((one) => written(one, EDGE)).join("")).requests;
      assertEquals(seen, expected.map(({ content: _, ...head }) => head));
      assertEquals(replica.requests.map((one) => one.content), expected.map((one) => one.content));
    }),
    { numRuns: RUNS },
  );
});

test("mutated requests reach a replica only as far as they are valid, and always come to an end", async () => {
  await using replica = startRecorder();
  await using rig = startEngine([replica]);
  const edit = fc.tuple(fc.nat(300), fc.nat(6), fc.constantFrom("", ...PIECES));
  const texts = fc.array(fc.constantFrom(...REQUESTS), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(texts, fc.array(edit, { maxLength: 4 }), cuts, async (parts, edits, at) => {
      replica.forget();
      const text = edits.reduce(
        (now, [from, drop, put]) => now.slice(0, from) + put + now.slice(from + drop),
        parts.join(""),
      );
      const answer = await say(rig.port, inPieces(text, at), { isEnding: true });
      const { requests, then } = naiveReading(text);
      const what = requests.map(({ method, content }) => [method, content]);
      const seen = replica.requests.map(({ method, content }) => [method, content]);
      assertEquals(seen, what.slice(0, seen.length), text);
      assert(statusesIn(answer).every((status) => status < 500 || status === 501 || status === 505), answer);
      // All of them come, unless one asks to close, or is only spoken in an older version.
      const isAll = requests.every(({ method, version, fields }) =>
        version === "1.1" && method !== "TRACE" && !fields.some(([one]) => /^connection$/i.test(one))
      );
      if (isAll) assertEquals(seen.length, what.length, text);
      if (isAll && then === "invalid") assert(statusesIn(answer).at(-1)! >= 400, answer);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("the HTTP/1.1 machine holds the fuzzer's laws", () => {
  const random = seededRandom(1);
  for (let count = 0; count < FUZZED; count++) {
    for (const { text, wrong } of [tryRequests(random), tryAnswers(random)]) {
      assertEquals(wrong, undefined, JSON.stringify(text));
    }
  }
});
