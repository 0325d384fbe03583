import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readConstraint, slipWords } from "../../lib/cluster/constraint.ts";

const READ: [string, unknown][] = [
  ["zone == a", { kind: "compare", subject: "zone", is: "==", value: "a", weight: 1 }],
  ["zone==a", { kind: "compare", subject: "zone", is: "==", value: "a", weight: 1 }],
  ['  rack != "row 3, left"  ', { kind: "compare", subject: "rack", is: "!=", value: "row 3, left", weight: 1 }],
  ["cpu >= 4", { kind: "compare", subject: "cpu", is: ">=", value: "4", weight: 1 }],
  ["memory<2048", { kind: "compare", subject: "memory", is: "<", value: "2048", weight: 1 }],
  ["node.name == 'n1'", { kind: "compare", subject: "node.name", is: "==", value: "n1", weight: 1 }],
  ["zone in (a, b)", { kind: "among", subject: "zone", wanted: true, values: ["a", "b"], weight: 1 }],
  ["zone not in (a)", { kind: "among", subject: "zone", wanted: false, values: ["a"], weight: 1 }],
  ["exists gpu", { kind: "label", label: "gpu", wanted: true, weight: 1 }],
  ["not exists gpu *20", { kind: "label", label: "gpu", wanted: false, weight: 20 }],
  ["service == db * 5", { kind: "compare", subject: "service", is: "==", value: "db", weight: 5 }],
  ["service not in (web, api)", {
    kind: "among",
    subject: "service",
    wanted: false,
    values: ["web", "api"],
    weight: 1,
  }],
];

for (const [text, expected] of READ) {
  Deno.test(`readConstraint() reads ${text}`, () => assertEquals(readConstraint(text) as unknown, expected));
}

const REFUSED: [string, number, string][] = [
  ["", 1, "expected what is compared"],
  ["zone", 5, "expected one of =="],
  ["zone = a", 6, "unexpected ="],
  ["zone ==", 8, "expected a value"],
  ["zone == a b", 11, "expected the end"],
  ["zone in a", 9, 'expected "("'],
  ["zone in (a", 11, 'expected "," or ")"'],
  ["zone in ()", 10, "expected a value"],
  ["zone not a", 10, 'expected "in" after "not"'],
  ["not gpu", 5, 'expected "exists" after "not"'],
  ["exists", 7, "expected the name of a label"],
  ["service >= web", 9, "a service is there or not"],
  ["zone == a *0", 12, "a weight is a whole number"],
  ["zone == ä", 9, "unexpected ä"],
  ['zone == "a', 9, 'unexpected "'],
];

for (const [text, at, message] of REFUSED) {
  Deno.test(`readConstraint() refuses "${text}" at character ${at}`, () => {
    const slip = readConstraint(text);
    assertEquals(slip.kind === "slip" && [slip.at, slip.message.startsWith(message)], [at, true], JSON.stringify(slip));
  });
}

Deno.test("a slip in words names the text, the place and an example", () => {
  const slip = readConstraint("zone = a");
  assertEquals(
    slip.kind === "slip" && slipWords("zone = a", slip),
    'cannot read "zone = a" at character 6: unexpected =; put a value with such characters in quotes; for example ' +
      '"zone == a", "cpu >= 4", "zone in (a, b)" or "not exists gpu"',
  );
});

Deno.test("readConstraint() reads or refuses any text, and throws for none", () => {
  const words = fc.constantFrom(
    "zone",
    "==",
    "!=",
    "in",
    "not",
    "exists",
    "(",
    ")",
    ",",
    "*",
    "5",
    '"',
    " ",
    "service",
  );
  const texts = fc.oneof(fc.string(), fc.array(words).map((parts) => parts.join(" ")));
  fc.assert(fc.property(texts, (text) => {
    const read = readConstraint(text);
    return read.kind !== "slip" || (read.at >= 1 && read.at <= text.length + 1);
  }));
});
