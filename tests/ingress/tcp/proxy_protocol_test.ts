import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { addressOf, formatAddress } from "../../../lib/ingress/ip_address.ts";
import { encodeProxyHeader, type Ends, ProxyHeaderReader } from "../../../lib/ingress/tcp/proxy_protocol.ts";

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const text = (line: string) => new TextEncoder().encode(line);

/** A header of version 2 as any proxy might write it. */
function binary({ command = 0x21, family = 0x11, body = [127, 0, 0, 1, 10, 0, 0, 1, 0, 80, 1, 187] } = {}): Uint8Array {
  return Uint8Array.of(...SIGNATURE, command, family, body.length >> 8, body.length & 0xff, ...body);
}

/** What comes of bytes that arrive in parts: the outcome, and all that was left of them. */
function readInParts(parts: Uint8Array[]) {
  const reader = new ProxyHeaderReader();
  for (const [at, part] of parts.entries()) {
    const said = reader.push(part);
    if (said.kind === "refused") return said;
    if (said.kind === "header") {
      return { ...said, rest: [said.rest, ...parts.slice(at + 1)].flatMap((rest) => [...rest]) };
    }
  }
  return { kind: "more" };
}

const whole = (bytes: Uint8Array) => readInParts([bytes]);

function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((place, at) => bytes.subarray(places[at], place));
}

const port = fc.nat(65_535);
const place = (length: number) =>
  fc.record({
    hostname: fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => formatAddress(addressOf(bytes))),
    port,
  });
const endsOf = (length: number) => fc.record({ source: place(length), destination: place(length) });
const ends = fc.oneof(endsOf(4), endsOf(16));
const cuts = fc.array(fc.nat(5_000), { maxLength: 12 });

function textOf({ source, destination }: Ends): Uint8Array {
  const family = source.hostname.includes(":") ? "TCP6" : "TCP4";
  const words = ["PROXY", family, source.hostname, destination.hostname, source.port, destination.port];
  return text(`${words.join(" ")}\r\n`);
}

Deno.test("ProxyHeaderReader reads back what was told, in either version, and leaves what follows", () => {
  fc.assert(fc.property(ends, fc.uint8Array({ maxLength: 50 }), fc.boolean(), (told, rest, isText) => {
    const header = isText ? textOf(told) : encodeProxyHeader(told);
    assertEquals(whole(Uint8Array.of(...header, ...rest)), { kind: "header", ends: told, rest: [...rest] });
  }));
});

Deno.test("ProxyHeaderReader gives the same for the same bytes, however they are split", () => {
  const header = fc.oneof(
    ends.map(encodeProxyHeader),
    ends.map(textOf),
    fc.tuple(fc.nat(255), fc.nat(255), fc.array(fc.nat(255), { maxLength: 40 })).map(([command, family, body]) =>
      binary({ command, family, body })
    ),
    fc.string({ maxLength: 150 }).map((line) => text(`PROXY ${line}`)),
    fc.uint8Array({ maxLength: 40 }),
  );
  const mutated = fc.tuple(header, fc.option(fc.tuple(fc.nat(60), fc.nat(255)))).map(([bytes, mutation]) => {
    const copy = Uint8Array.from(bytes);
    if (mutation !== null && mutation[0] < copy.length) copy[mutation[0]] = mutation[1];
    return copy;
  });
  fc.assert(
    fc.property(mutated, fc.uint8Array({ maxLength: 30 }), cuts, (head, rest, places) => {
      const bytes = Uint8Array.of(...head, ...rest);
      assertEquals(readInParts(split(bytes, places)), whole(bytes));
      assertEquals(readInParts([...bytes].map((byte) => Uint8Array.of(byte))), whole(bytes));
    }),
    { numRuns: 500 },
  );
});

Deno.test("ProxyHeaderReader waits for every byte of a header", () => {
  for (const header of [binary(), binary({ command: 0x20, body: [1, 2, 3] }), text("PROXY UNKNOWN x\r\n")]) {
    for (let length = 0; length < header.length; length++) {
      assertEquals(whole(header.subarray(0, length)), { kind: "more" }, `${length} bytes`);
    }
    assertEquals(whole(header).kind, "header");
  }
});

Deno.test("ProxyHeaderReader passes over what is said beside the addresses", () => {
  const body = [127, 0, 0, 1, 10, 0, 0, 1, 0, 80, 1, 187];
  const beside = new Array<number>(4_096 - 16 - body.length).fill(7);
  const told = { source: { hostname: "127.0.0.1", port: 80 }, destination: { hostname: "10.0.0.1", port: 443 } };
  assertEquals(whole(Uint8Array.of(...binary({ body: [...body, ...beside] }), 9)), {
    kind: "header",
    ends: told,
    rest: [9],
  });
});

for (
  const [what, header] of [
    ["LOCAL, whatever it says of addresses", binary({ command: 0x20 })],
    ["LOCAL of an unknown family", binary({ command: 0x20, family: 0x99 })],
    ["LOCAL without a body", binary({ command: 0x20, family: 0, body: [] })],
    ["an unspecified family", binary({ family: 0, body: [1, 2, 3] })],
    ["a socket of a host's own", binary({ family: 0x31, body: new Array<number>(216).fill(0) })],
    ["UNKNOWN", text("PROXY UNKNOWN\r\n")],
    ["UNKNOWN with more", text("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n")],
  ] as const
) {
  Deno.test(`ProxyHeaderReader takes ${what} for a header without ends`, () => {
    assertEquals(whole(header), { kind: "header", ends: undefined, rest: [] });
  });
}

for (
  const [what, bytes, reason] of [
    ["a request", text("GET / HTTP/1.1\r\n"), "does not begin"],
    ["a hello of TLS", Uint8Array.of(22, 3, 1), "does not begin"],
    ["a signature with one byte wrong", Uint8Array.of(...SIGNATURE.slice(0, 11), 0x0d), "does not begin"],
    ["version 1 in bytes", binary({ command: 0x11 }), "version 1"],
    ["an unknown command", binary({ command: 0x22 }), "command 2"],
    ["datagrams", binary({ family: 0x12 }), "0x12"],
    ["an unknown family", binary({ family: 0x41 }), "0x41"],
    ["too few bytes for IPv4", binary({ body: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] }), "too short"],
    ["too few bytes for IPv6", binary({ family: 0x21 }), "too short"],
    ["a header over the limit", binary({ body: new Array<number>(4_081).fill(0) }), "4097 bytes"],
    ["a text without its end", text(`PROXY UNKNOWN ${"x".repeat(100)}`), "no end of line"],
    ["a line end beyond the limit", text(`PROXY UNKNOWN ${"x".repeat(92)}\r\n`), "no end of line"],
    ["a text in small letters", text("proxy UNKNOWN\r\n"), "does not begin"],
    ["two spaces", text("PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n"), "malformed"],
    ["a port too large", text("PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n"), "no addresses and ports"],
    ["a port with a zero before it", text("PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n"), "malformed"],
    ["a negative port", text("PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n"), "malformed"],
    ["the other family's address", text("PROXY TCP4 ::1 ::1 1 2\r\n"), "no addresses"],
    ["a zone", text("PROXY TCP6 fe80::1%a fe80::1 1 2\r\n"), "no addresses"],
    ["a name", text("PROXY TCP4 localhost 1.2.3.4 1 2\r\n"), "no addresses"],
    ["LF alone", text("PROXY UNKNOWN\nPROXY UNKNOWN\r\n"), "malformed"],
    ["a missing port", text("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n"), "malformed"],
  ] as const
) {
  Deno.test(`ProxyHeaderReader refuses ${what}`, () => {
    const said = whole(bytes);
    assertStringIncludes(said.kind === "refused" && "reason" in said ? String(said.reason) : said.kind, reason);
  });
}

Deno.test("encodeProxyHeader() tells ends of two families in one, and none that are no addresses", () => {
  const [four, six] = [{ hostname: "10.0.0.1", port: 1 }, { hostname: "2001:db8::1", port: 2 }];
  assertEquals(whole(encodeProxyHeader({ source: four, destination: six })), {
    kind: "header",
    ends: { source: { hostname: "10.0.0.1", port: 1 }, destination: six },
    rest: [],
  });
  const unknown = encodeProxyHeader({ source: { hostname: "", port: 0 }, destination: six });
  assertEquals([...unknown], [...SIGNATURE, 0x21, 0, 0, 0]);
});
