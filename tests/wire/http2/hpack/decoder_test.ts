import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Decoder } from "../../../../lib/wire/http2/hpack/decoder.ts";

const LIMITS = { fieldsBytesMax: 4_096, fieldsMax: 50 };

/** RFC 7541 appendix C: the blocks of one connection each, with their fields and the table's size after them. */
const EXAMPLES: Record<string, readonly (readonly [block: string, fields: string, tableBytes: number])[]> = {
  "C.2.1, a literal to be remembered": [
    ["400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key: custom-header", 55],
  ],
  "C.2.2, a literal not to be remembered": [["040c2f73616d706c652f70617468", ":path: /sample/path", 0]],
  "C.2.3, a literal never to be remembered": [["100870617373776f726406736563726574", "password: secret", 0]],
  "C.2.4, a number": [["82", ":method: GET", 0]],
  "C.3, requests as they are": [
    [
      "828684410f7777772e6578616d706c652e636f6d",
      ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com",
      57,
    ],
    [
      "828684be58086e6f2d6361636865",
      ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\ncache-control: no-cache",
      110,
    ],
    [
      "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
      ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value",
      164,
    ],
  ],
  "C.4, requests in Huffman's code": [
    [
      "828684418cf1e3c2e5f23a6ba0ab90f4ff",
      ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com",
      57,
    ],
    [
      "828684be5886a8eb10649cbf",
      ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\ncache-control: no-cache",
      110,
    ],
    [
      "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
      ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value",
      164,
    ],
  ],
};

/** C.5 and C.6 have a table of 256 bytes: said to the decoder in front of the first block. */
const RESIZED_TO_256 = "3fe101";
const ANSWERS = [
  ":status: 302\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com",
  ":status: 307\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com",
  ":status: 200\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:22 GMT\nlocation: https://www.example.com\n" +
  "content-encoding: gzip\nset-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
] as const;
EXAMPLES["C.5, answers as they are, with evictions"] = [
  [
    `${RESIZED_TO_256}4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54` +
    "6e1768747470733a2f2f7777772e6578616d706c652e636f6d",
    ANSWERS[0],
    222,
  ],
  ["4803333037c1c0bf", ANSWERS[1], 222],
  [
    "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b" +
    "425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
    ANSWERS[2],
    215,
  ],
];
EXAMPLES["C.6, answers in Huffman's code, with evictions"] = [
  [
    `${RESIZED_TO_256}488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b` +
    "97c8e9ae82ae43d3",
    ANSWERS[0],
    222,
  ],
  ["4883640effc1c0bf", ANSWERS[1], 222],
  [
    "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af2708" +
    "7f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
    ANSWERS[2],
    215,
  ],
];

for (const [name, blocks] of Object.entries(EXAMPLES)) {
  Deno.test(`Decoder reads RFC 7541 ${name}`, () => {
    const decoder = new Decoder(LIMITS);
    for (const [block, fields, tableBytes] of blocks) {
      assertEquals(lines(decoder, block), fields);
      assertEquals(decoder.tableBytes, tableBytes);
    }
  });
}

Deno.test("Decoder refuses what has no number, no end and no sense", () => {
  const wrong = [
    ["80", "no field has the number 0"],
    ["be", "no field has the number 62"],
    ["ff80808001", "no field has the number"],
    ["ffffffffff7f", "an integer is too long"],
    ["ff", "a header block ends within a field"],
    ["40", "a header block ends within a field"],
    ["400361", "a header block ends within a string"],
    ["4001617f", "a header block ends within"],
    ["40016181ff", "a string is no valid Huffman code"],
    ["8220", "the table's size changes within a header block"],
    ["3fe21f", "the table may have 4096 bytes, not 4097"],
  ];
  for (const [block = "", detail = ""] of wrong) {
    const result = new Decoder(LIMITS).decode(Uint8Array.fromHex(block));
    assert(result.kind === "undecodable" && result.detail.startsWith(detail), `${block}: ${JSON.stringify(result)}`);
  }
});

Deno.test("Decoder keeps no more of a head than it may have, and goes on with the next", () => {
  const decoder = new Decoder({ fieldsBytesMax: 10_000, fieldsMax: 1_000 });
  const name = "78".repeat(100);
  const value = "79".repeat(100);
  lines(decoder, `4064${name}64${value}`);
  const bomb = decoder.decode(new Uint8Array(30_000).fill(0xbe));
  assert(bomb.kind === "list" && bomb.isTooLarge && bomb.fields.length <= 10_000 / 232);
  assertEquals(lines(decoder, "be"), `${"x".repeat(100)}: ${"y".repeat(100)}`);
  const many = new Decoder(LIMITS).decode(new Uint8Array(51).fill(0x82));
  assert(many.kind === "list" && many.isTooLarge && many.fields.length === 50);
});

Deno.test("Decoder's table never exceeds 4096 bytes, whatever comes", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 20 }), (blocks) => {
    const decoder = new Decoder(LIMITS);
    for (const block of blocks) {
      decoder.decode(block);
      assert(decoder.tableBytes >= 0 && decoder.tableBytes <= 4_096);
    }
  }));
});

function lines(decoder: Decoder, hex: string): string {
  const result = decoder.decode(Uint8Array.fromHex(hex));
  assert(result.kind === "list", JSON.stringify(result));
  return result.fields.map(([name, value]) => `${name}: ${value}`).join("\n");
}
