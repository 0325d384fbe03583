import { assertEquals } from "@std/assert";
import { cookieValue } from "../../../lib/ingress/balance/cookie.ts";

const cases: [what: string, cookies: string[], value: string | undefined][] = [
  ["the only one", ["a=1"], "1"],
  ["one among others", ["b=2; a=1; c=3"], "1"],
  ["the first of two", ["a=1; a=2"], "1"],
  ["one without a space before it", ["b=2;a=1"], "1"],
  ["one in a later field", ["b=2", "a=1"], "1"],
  ["one that is empty", ["a="], ""],
  ["one with an equals sign in it", ["a=b=c"], "b=c"],
  ["not one whose name only begins so", ["ab=1"], undefined],
  ["not one whose name only ends so", ["ba=1"], undefined],
  ["not a name in another one's value", ["b=a=1"], undefined],
  ["not one in other letters", ["A=1"], undefined],
  ["nothing in a field of separators", ["; ;;  ;"], undefined],
  ["nothing in an empty field", [""], undefined],
  ["nothing without a field", [], undefined],
];

for (const [what, cookies, value] of cases) {
  Deno.test(`cookieValue() finds ${what}`, () => {
    assertEquals(cookieValue([["host", "a=9"], ...cookies.map((cookie) => ["Cookie", cookie] as const)], "a"), value);
  });
}
