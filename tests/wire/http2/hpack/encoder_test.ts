import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Fields } from "../../../../lib/wire/http1/fields.ts";
import { Decoder } from "../../../../lib/wire/http2/hpack/decoder.ts";
import { EMPTY_TABLE, encodeField, encodeInteger } from "../../../../lib/wire/http2/hpack/encoder.ts";
import { OutputBuffer } from "../../../../lib/wire/http2/output_buffer.ts";

Deno.test("encodeInteger() writes the examples of RFC 7541 C.1", () => {
  assertEquals(integer(10, 0x1f), [10]);
  assertEquals(integer(1_337, 0x1f), [31, 154, 10]);
  assertEquals(integer(42, 0xff), [42]);
});

Deno.test("encodeField() names by number what every peer knows", () => {
  assertEquals(encode([[":status", "200"]]), [0x88]);
  assertEquals(encode([[":method", "POST"]]), [0x83]);
  assertEquals(encode([["accept-encoding", "gzip, deflate"]]), [0x90]);
});

Deno.test("encodeField() lets nothing be remembered: secrets don't show by how well they compress", () => {
  assertEquals(encode([["cookie", "a=b"]]).slice(0, 2), [0x1f, 32 - 15]);
  assertEquals(encode([["x-a", "b"]]), [0x10, 3, 0x78, 0x2d, 0x61, 1, 0x62]);
  const decoder = new Decoder({ fieldsBytesMax: 1_000, fieldsMax: 10 });
  decoder.decode(Uint8Array.from(encode([["authorization", "secret"], ["x-a", "b"]])));
  assertEquals(decoder.tableBytes, 0);
});

Deno.test("encodeField() throws at what would break out of its field", () => {
  for (const name of ["", "A", "a b", "a\r", "ä", "a:b", ":unknown"]) {
    assertThrows(() => encode([[name, "x"]]), TypeError);
  }
  for (const value of ["\r", "\n", "\0", "\x7f", "€"]) {
    assertThrows(() => encode([["x", value]]), TypeError);
    assertThrows(() => encode([["cookie", value]]), TypeError);
  }
});

Deno.test("what encodeField() writes, the decoder reads", () => {
  const name = fc.stringMatching(/^[a-z0-9-]{1,40}$/);
  const value = fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,300}$/);
  fc.assert(fc.property(fc.array(fc.tuple(name, value), { maxLength: 20 }), (fields) => {
    const decoder = new Decoder({ fieldsBytesMax: 100_000, fieldsMax: 20 });
    const list = decoder.decode(Uint8Array.of(EMPTY_TABLE, ...encode(fields)));
    assert(list.kind === "list");
    assertEquals(list.fields, fields);
  }));
});

function integer(value: number, prefix: number): number[] {
  const output = new OutputBuffer();
  encodeInteger(output, value, { first: 0, prefix });
  return [...output.take()];
}

function encode(fields: Fields): number[] {
  const output = new OutputBuffer();
  for (const [name, value] of fields) encodeField(output, name, value);
  return [...output.take()];
}
