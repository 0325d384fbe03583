import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ClientHelloReader, HELLO_BYTES_MAX, type HelloRead } from "../../../lib/ingress/tls/client_hello.ts";
import { granted } from "../../support/granted.ts";
import { helloMessage, type HelloParts, inRecords } from "./hello_bytes.ts";

const MAX_RECORD = 16_000;
const hello: fc.Arbitrary<HelloParts> = fc.record({
  name: fc.option(fc.stringMatching(/^[a-z0-9_-]{1,20}(\.[a-z0-9_-]{1,20}){0,4}$/), { nil: undefined }),
  protocols: fc.array(fc.stringMatching(/^[a-z0-9/.]{1,12}$/), { maxLength: 5 }),
  versions: fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 6 }),
  session: fc.uint8Array({ maxLength: 32 }),
});

/** The first answer other than "more", and whether all was kept. */
function read(chunks: readonly Uint8Array[]): HelloRead {
  const reader = new ClientHelloReader();
  let pushed = 0;
  for (const chunk of chunks) {
    const answer = reader.push(chunk);
    pushed += chunk.length;
    if (answer.kind === "hello") assertEquals(reader.bytes.length, pushed);
    if (answer.kind !== "more") return answer;
  }
  return { kind: "more" };
}

function chunksOf(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return places.slice(1).map((end, at) => bytes.subarray(places[at], end));
}

Deno.test("ClientHelloReader reads any hello, in any records and any split of its bytes", () => {
  const cuts = fc.array(fc.nat(20_000), { maxLength: 30 });
  fc.assert(fc.property(hello, fc.integer({ min: 1, max: 600 }), cuts, (parts, recordBytes, cuts) => {
    const { name, protocols, versions } = parts;
    const bytes = inRecords(helloMessage(parts), recordBytes);
    const expected: HelloRead = { kind: "hello", hello: { name, protocols: protocols!, versions: versions! } };
    assertEquals(read(chunksOf(bytes, cuts)), expected);
  }));
});

Deno.test("ClientHelloReader gives the same answer byte by byte as at once, whatever comes", () => {
  const mutation = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
  fc.assert(
    fc.property(hello, fc.array(mutation, { maxLength: 8 }), (parts, mutations) => {
      const bytes = inRecords(helloMessage(parts), 80);
      for (const { at, value } of mutations) bytes[at % bytes.length] = value;
      const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
      const [atOnce, byteByByte] = [read([bytes]), read(single)];
      assertEquals(byteByByte.kind, atOnce.kind);
      assertEquals(byteByByte, atOnce);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("ClientHelloReader asks for more until the last byte has come", () => {
  const bytes = inRecords(helloMessage({ name: "a.test" }), 30);
  for (let length = 0; length < bytes.length; length++) {
    assertEquals(read([bytes.subarray(0, length)]).kind, "more", `${length}`);
  }
});

Deno.test("ClientHelloReader takes what is not TLS for foreign, by the first byte that says so", () => {
  const kindOf = (text: string) => read([new TextEncoder().encode(text)]).kind;
  assertEquals(["GET / HTTP/1.1\r\n", "P", "\x16\x02", "\x80\x2e\x01", "\0"].map(kindOf), new Array(5).fill("foreign"));
});

Deno.test("ClientHelloReader refuses what TLS does not allow", () => {
  const of = (name: string, message: number[] = helloMessage({ name })) => read([inRecords(message, MAX_RECORD)]);
  const good = helloMessage({ name: "a.test" });
  const wrong: Record<string, HelloRead> = {
    "an empty record": read([Uint8Array.of(22, 3, 1, 0, 0)]),
    "a record that is too long": read([Uint8Array.of(22, 3, 1, 0x40, 1)]),
    "another message": of("", [2, ...good.slice(1)]),
    "a message that is too long": of("", [1, 1, 0, 0]),
    "another record amid the message": read([Uint8Array.of(22, 3, 1, 0, 1, 1, 23)]),
    "bytes after the extensions": of("", [1, 0, 0, good.length - 3, ...good.slice(4), 0]),
    "a name with a space": of("a test"),
    "an empty name": of(""),
    "a name with a dot at its end": of("a.test."),
    "a name that is too long": of("a.".repeat(127) + "a"),
  };
  for (const [what, { kind }] of Object.entries(wrong)) assertEquals(kind, "malformed", what);
});

Deno.test("ClientHelloReader keeps no more than its bound, however it comes", () => {
  const endless = inRecords([1, 0, 0x3f, 0xf0, ...new Array<number>(HELLO_BYTES_MAX).fill(0)], 1);
  for (const size of [1, 1_000, HELLO_BYTES_MAX + 1]) {
    const chunks = Array.from(
      { length: Math.ceil(endless.length / size) },
      (_, at) => endless.subarray(at * size, (at + 1) * size),
    );
    assertEquals(read(chunks).kind, "malformed", `${size}`);
  }
});

Deno.test("ClientHelloReader reads names in lower case, and none where none is said", () => {
  const name = (parts: HelloParts) => {
    const answer = read([inRecords(helloMessage(parts), MAX_RECORD)]);
    assert(answer.kind === "hello");
    return answer.hello.name;
  };
  assertEquals([name({ name: "WWW.A.Test" }), name({ name: "127.0.0.1" }), name({})], [
    "www.a.test",
    "127.0.0.1",
    undefined,
  ]);
});

Deno.test({
  name: "ClientHelloReader reads what Deno says",
  ignore: !granted,
  async fn() {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const connecting = Deno.connectTls({ hostname: "localhost", port: listener.addr.port, alpnProtocols: ["h2"] })
      .then((conn) => conn.handshake().catch(() => conn.close()));
    const conn = await listener.accept();
    const reader = new ClientHelloReader();
    const buffer = new Uint8Array(100);
    let answer: HelloRead = { kind: "more" };
    while (answer.kind === "more") answer = reader.push(buffer.subarray(0, await conn.read(buffer) ?? 0));
    assert(answer.kind === "hello");
    assertEquals([answer.hello.name, answer.hello.protocols], ["localhost", ["h2"]]);
    assertEquals(answer.hello.versions.toSorted(), [0x0303, 0x0304]);
    conn.close();
    await connecting;
  },
});
