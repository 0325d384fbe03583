import { assert, assertEquals } from "@std/assert";
import { reasons } from "../../../lib/console/render/reasons.ts";

const given = [{ name: "web.1", text: "no node has room: n1 is full" }, { name: "db.10", text: "n1 is lost" }];

Deno.test("reasons() goes on below where a sentence is longer than its column", () => {
  assertEquals(
    reasons(["WAITING", "FOR"], given, { width: 27, colours: false }),
    "WAITING  FOR\nweb.1    no node has room:\n         n1 is full\ndb.10    n1 is lost\n",
  );
});

Deno.test("reasons() keeps to the terminal whatever comes, and cuts nothing in a pipe", () => {
  const long = [{ name: "n".repeat(500), text: `${"word ".repeat(500)}${"x".repeat(500)}` }];
  const lines = reasons(["NAME", "WHY"], long, { width: 80, colours: false }).trimEnd().split("\n");
  assertEquals(lines.filter((line) => line.length > 80), []);
  assert(lines.length < 8 && lines.at(-1)?.endsWith("…"));
  assert(reasons(["NAME", "WHY"], long, { width: undefined, colours: false }).includes("x".repeat(500)));
  assertEquals(reasons(["NAME", "WHY"], [], { width: 80, colours: false }), "");
});
