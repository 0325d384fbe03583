import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { expand } from "../../../lib/agent/process/expand.ts";

const VARIABLES = { PORT: "20001", HOST: "127.0.0.1", EMPTY: "", TRICKY: "$& ${PORT} $1", _a1: "x" };

function expanded(text: string): string {
  const result = expand(text, VARIABLES);
  return result.kind === "expanded" ? result.text : `refused: ${result.reason}`;
}

Deno.test("expand() puts the values of variables into a text", () => {
  assertEquals(expanded("http://${HOST}:${PORT}/"), "http://127.0.0.1:20001/");
  assertEquals(expanded("${PORT}${PORT}${EMPTY}${_a1}"), "2000120001x");
  assertEquals(expanded(""), "");
});

Deno.test("expand() leaves alone what is no reference", () => {
  for (const text of ["$PORT", "$", "$$", "{PORT}", "$ {PORT}", "a$b{c}", "%PORT%", "`id`", "$(id)"]) {
    assertEquals(expanded(text), text);
  }
});

Deno.test("expand() takes $${ for a plain ${", () => {
  assertEquals(expanded("$${PORT} is ${PORT}"), "${PORT} is 20001");
  assertEquals(expanded("$${1} $${"), "${1} ${");
  assertEquals(expanded("$$${PORT}"), "$${PORT}");
});

Deno.test("expand() does not look again at what it has put in", () => {
  assertEquals(expanded("${TRICKY}"), "$& ${PORT} $1");
});

Deno.test("expand() names a variable that there is not, also one that every object has", () => {
  assertEquals(expanded("a ${NOPE} ${ALSO}"), "refused: there is no variable NOPE; write $${NOPE} for a plain ${NOPE}");
  for (const name of ["constructor", "__proto__", "toString", "port"]) {
    assertEquals(expand(`\${${name}}`, VARIABLES).kind, "refused", name);
  }
});

Deno.test("expand() names what begins like a reference and is none", () => {
  const cases = { "${}": "${}", "x ${1}": "${1}", "${A:-b}": "${A:-b}", "${A\nB": "${A", "${A B}": "${A B}" };
  for (const [text, shown] of Object.entries(cases)) {
    assertEquals(expanded(text), `refused: "${shown}" names no variable: write \${NAME}, or $\${ for a plain \${`);
  }
  assertEquals(expanded(`\${${" ".repeat(100)}}`).length < 120, true);
});

Deno.test("expand() makes no text of unbounded length", () => {
  const LONG = "x".repeat(100_000);
  assertEquals(expand("${LONG}".repeat(10), { LONG }).kind, "expanded");
  assertEquals(expand("${LONG}".repeat(1_000), { LONG }), {
    kind: "refused",
    reason: "it would be longer than 1048576 characters",
  });
});

Deno.test("expand() gives back every text in which ${ was doubled", () => {
  const text = fc.string({ unit: fc.constantFrom("$", "{", "}", "A", "1", "\n", " ") });
  fc.assert(
    fc.property(text, (plain) => {
      fc.pre(!plain.includes("$${"));
      assertEquals(expand(plain.replaceAll("${", "$$${"), {}), { kind: "expanded", text: plain });
    }),
    { numRuns: 1_000, seed: 4 },
  );
});
