import { assertEquals } from "@std/assert";
import { prefersHtml } from "../../../lib/ingress/seen/accept.ts";

const CASES: readonly [accept: string | undefined, isHtml: boolean][] = [
  [undefined, false],
  ["", false],
  ["*/*", false],
  ["text/html", true],
  ["TEXT/HTML", true],
  ["text/*", true],
  ["text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8", true],
  ["application/json, text/plain, */*", false],
  ["application/problem+json", false],
  ["application/json;q=0.5, text/html;q=0.6", true],
  ["application/json;q=0.6, text/html;q=0.5", false],
  ["text/html, application/json", false],
  ["application/*;q=0.9, text/html;q=0.8", false],
  ["text/html;q=0, */*", false],
  ["text/html;q=0", false],
  ["text/*;q=0.9, text/html;q=0.1, */*;q=0.5", false],
  ["text/html; level=1; Q=0.9, */*;q=0.1", true],
  ["text/html;q=2", false],
  ["text/html;q=", false],
  ["text/html;q=0.5555", false],
  [`${"a/b,".repeat(64)}text/html`, false],
  ["text/html ; q=1.000 , */* ; q=0.001", true],
  [",,;,text/html,;;", true],
];

for (const [accept, isHtml] of CASES) {
  Deno.test(`prefersHtml() says ${isHtml} for ${accept?.slice(0, 80)}`, () =>
    assertEquals(prefersHtml(accept), isHtml));
}
