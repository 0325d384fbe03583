import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { TRACE_BYTES, traceFields, traceOf } from "../../../lib/ingress/seen/trace_context.ts";
import type { Fields } from "../../../lib/wire/http1/fields.ts";

const BYTES = Uint8Array.from({ length: TRACE_BYTES }, (_, at) => at + 1);
const OWN_ID = "0102030405060708090a0b0c0d0e0f10";
const OWN_PARENT = "1112131415161718";
const ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

function trace(fields: Fields) {
  return traceOf(fields, { bytes: BYTES, isSampled: true });
}

const PASSED: Readonly<Record<string, string>> = {
  [`00-${ID}-${PARENT}-01`]: "01",
  [`00-${ID}-${PARENT}-00`]: "00",
  [`00-${ID}-${PARENT}-03`]: "03",
  [`00-${ID}-${PARENT}-ff`]: "03",
  [`01-${ID}-${PARENT}-01`]: "01",
  [`cc-${ID}-${PARENT}-01-what-is-to-come`]: "01",
};

for (const [given, flags] of Object.entries(PASSED)) {
  Deno.test(`traceOf() passes ${given} on with itself as the parent`, () => {
    assertEquals(trace([["TraceParent", given]]), { traceId: ID, traceparent: `00-${ID}-${OWN_PARENT}-${flags}` });
  });
}

const REPLACED = [
  "",
  "nothing",
  `00-${ID}-${PARENT}`,
  `00-${ID}-${PARENT}-1`,
  `00-${ID}-${PARENT}-01-more`,
  `00-${ID}-${PARENT}-01-`,
  `01-${ID}-${PARENT}-01.more`,
  `ff-${ID}-${PARENT}-01`,
  `00-${ID.toUpperCase()}-${PARENT}-01`,
  `00-${"0".repeat(32)}-${PARENT}-01`,
  `00-${ID}-${"0".repeat(16)}-01`,
  `00-${ID}-${PARENT}-0x`,
  `00-${ID.slice(1)}-${PARENT}-01`,
  ` 00-${ID}-${PARENT}-01`,
];

for (const given of REPLACED) {
  Deno.test(`traceOf() begins a trace instead of "${given}"`, () => {
    const begun = trace([["traceparent", given], ["tracestate", "a=1"]]);
    assertEquals(begun, { traceId: OWN_ID, traceparent: `00-${OWN_ID}-${OWN_PARENT}-03` });
  });
}

Deno.test("traceOf() begins a trace when there is none, or more than one", () => {
  const one = ["traceparent", `00-${ID}-${PARENT}-01`] as const;
  assertEquals(trace([]).traceId, OWN_ID);
  assertEquals(trace([one, one]).traceId, OWN_ID);
  assertEquals(traceOf([], { bytes: BYTES, isSampled: false }).traceparent, `00-${OWN_ID}-${OWN_PARENT}-02`);
});

Deno.test("traceOf() never makes an id of zeros", () => {
  const { traceparent } = traceOf([], { bytes: new Uint8Array(TRACE_BYTES), isSampled: true });
  assertEquals(traceparent, `00-${"0".repeat(31)}1-${"0".repeat(15)}1-03`);
});

const STATES: readonly [name: string, lines: readonly string[], expected: string | undefined][] = [
  ["one line", ["a=1,b=2"], "a=1,b=2"],
  ["several lines as one", ["a=1", "b=2,c=3"], "a=1,b=2,c=3"],
  ["blanks and empty members", ["a=1 ,, b=2\t,", ""], "a=1,b=2"],
  ["a tenant's key", ["acme@dd=x y"], "acme@dd=x y"],
  ["nothing", [" , "], undefined],
  ["a key twice", ["a=1,a=2"], undefined],
  ["a key with capitals", ["A=1"], undefined],
  ["no key", ["=1"], undefined],
  ["no value", ["a="], undefined],
  ["an equals sign in a value", ["a=1=2"], undefined],
  ["a control character", ["a=\x01"], undefined],
  ["32 members", [Array.from({ length: 32 }, (_, at) => `k${at}=1`).join(",")], "32"],
  ["33 members", [Array.from({ length: 33 }, (_, at) => `k${at}=1`).join(",")], undefined],
  ["more than fits", [`a=${"x".repeat(9_000)}`], undefined],
];

for (const [name, lines, expected] of STATES) {
  Deno.test(`traceOf() ${expected === undefined ? "drops" : "keeps"} a state with ${name}`, () => {
    const fields: Fields = [
      ["traceparent", `00-${ID}-${PARENT}-01`],
      ...lines.map((line) => ["tracestate", line] as const),
    ];
    const { tracestate, traceId } = trace(fields);
    assertEquals(expected === "32" ? tracestate?.split(",").length.toString() : tracestate, expected);
    assertEquals(traceId, ID);
  });
}

Deno.test("traceOf() gives a valid field for whatever it was sent, which it would pass on itself", () => {
  const part = fc.stringMatching(/^[0-9a-f-]{0,60}$/);
  fc.assert(fc.property(part, fc.uint8Array({ minLength: TRACE_BYTES, maxLength: TRACE_BYTES }), (given, bytes) => {
    const first = traceOf([["traceparent", given]], { bytes, isSampled: false });
    assertMatch(first.traceparent, /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-0[0-3]$/);
    assertEquals(trace(traceFields(first)).traceId, first.traceId);
  }));
});

Deno.test("traceFields() names the state only where there is one", () => {
  const fields = traceFields(trace([["traceparent", `00-${ID}-${PARENT}-01`], ["tracestate", "a=1"]]));
  assertEquals(fields.map(([name]) => name), ["traceparent", "tracestate"]);
  assertEquals(traceFields(trace([])).length, 1);
  assertNotEquals(trace([]).traceId, ID);
  assert(fields[0]?.[1].includes(OWN_PARENT));
});
