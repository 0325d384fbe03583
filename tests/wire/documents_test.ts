import { assertEquals, assertStringIncludes } from "@std/assert";
import { readDocuments } from "../../lib/wire/documents.ts";
import { whenGranted } from "../support/granted.ts";

function valuesOf(text: string): unknown[] {
  const read = readDocuments(text);
  if (read.kind === "faulty") throw new Error(JSON.stringify(read.faults));
  return read.documents.map(({ value }) => value);
}

/** The first fault, as "line:column what". */
function faultOf(text: string): string {
  const read = readDocuments(text);
  if (read.kind === "ok") return "none";
  const [fault] = read.faults;
  return `${fault?.line}:${fault?.column} ${fault?.detail}`;
}

Deno.test("readDocuments() takes YAML and JSON, one document, several, or a list", whenGranted, () => {
  assertEquals(valuesOf("a: 1"), [{ a: 1 }]);
  assertEquals(valuesOf('{"a":1}'), [{ a: 1 }]);
  assertEquals(valuesOf("# only a comment\n---\na: 1\n---\nb: [x]\n---\n"), [{ a: 1 }, { b: ["x"] }]);
  assertEquals(valuesOf("- a: 1\n- {b: 2}"), [{ a: 1 }, { b: 2 }]);
  assertEquals(valuesOf('[{"a":1},{"b":2}]'), [{ a: 1 }, { b: 2 }]);
  assertEquals(valuesOf("\ufeffa: 1\r\nb: two\r\n"), [{ a: 1, b: "two" }]);
  assertEquals(valuesOf("a: &x {n: 1}\nb: *x"), [{ a: { n: 1 }, b: { n: 1 } }]);
  assertEquals(valuesOf("a: yes\nb: 1.10\nc: ~\nd: 010\ne: '<<'"), [{ a: "yes", b: 1.1, c: null, d: 10, e: "<<" }]);
});

Deno.test("readDocuments() refuses what YAML would take in silence, with its line and column", whenGranted, () => {
  const refused: [string, string][] = [
    ["", "1:1 it is empty"],
    ["# nothing\n---\n", "1:1 it is empty"],
    ["a:\n\tb: 1", "2:1 Tabs"],
    ["a: 1\nb:\n  a: 1\n  a: 2", '4:3 the key "a" is given twice'],
    ['{"a": 1,\n "a": 2}', '2:2 the key "a" is given twice'],
    ["a: [\n", "2:1 "],
    ["__proto__: {x: 1}", '1:1 the key "__proto__"'],
    ['{"a": {"__proto__": 1}}', '1:8 the key "__proto__"'],
    ["env:\n  8080: x", "2:3 the key 8080 is no text: quote it"],
    ["? [a]\n: 1", "1:3 a key has to be a text"],
    ["? \n: 1", "1:"],
    ["a: !!binary aGk=", "1:13 the tag tag:yaml.org,2002:binary"],
    ["a: !made-up x", "1:13 the tag !made-up"],
    ["a: !<tag:yaml.org,2002:js/function> x", "1:37 the tag"],
    ["a: .nan", "1:4 .nan is no number"],
    ["a: -.inf", "1:4 -.inf is no number"],
    ["a: *nowhere", "1:4 "],
    ["&a [*a]", "1:5 it is nested more than 64"],
    ["%YAML 1.1\n---\na: yes", "1:1 YAML 1.1 is not read"],
    ["a: 1\n---\nb: ]", "3:4 "],
  ];
  for (const [text, wanted] of refused) assertStringIncludes(faultOf(text), wanted, text);
});

Deno.test("readDocuments() bounds what a text may cost", whenGranted, () => {
  const letters = [..."abcdefghij"];
  const bomb = letters.map((letter, at) => {
    const before = letters[at - 1];
    return `${letter}: &${letter} [${Array(9).fill(before === undefined ? 1 : `*${before}`).join(",")}]`;
  });
  const refused: [string, string][] = [
    [bomb.join("\n"), "more than 100 aliases"],
    ["[".repeat(500_000), "nested too deeply"],
    ["{a: ".repeat(200_000), "nested too deeply"],
    ["- ".repeat(3_000), "nested"],
    [`{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, "nested too deeply"],
    ["---\na: 1\n".repeat(1_001), "at most 1000 documents"],
    ["- a\n".repeat(1_001), "at most 1000 documents"],
    ['"'.repeat(1_000_000), "words and marks"],
    ["x: 1\n".repeat(150_000), "words and marks"],
    ["x".repeat(1_048_577), "at most 1048576 bytes"],
    ["é".repeat(600_000), "at most 1048576 bytes"],
  ];
  for (const [text, wanted] of refused) assertStringIncludes(faultOf(text), wanted);
});

Deno.test("a document says where a value of it is, its key, and how it was written", whenGranted, () => {
  for (const text of ["\n- x: 1\n- a:\n    b: 1.10", '\n[{"x": 1},\n{"a":\n    {"b": 1.10}}]']) {
    const read = readDocuments(text);
    if (read.kind === "faulty") throw new Error(text);
    const [, document] = read.documents;
    assertEquals(document?.placeOf(["a", "b"]).line, 4);
    assertEquals(document?.placeOf(["a"], "key").line, 3);
    assertEquals(document?.placeOf(["nowhere"]).line, 3, "the nearest that is there");
    assertEquals(document?.plainTextAt(["a", "b"]), "1.10");
  }
});
