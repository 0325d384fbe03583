import { assertEquals } from "@std/assert";
import { readConstraint } from "../../lib/cluster/constraint.ts";
import { type NodeFacts, servicesNamed, unmet } from "../../lib/cluster/unmet.ts";

const FACTS: Record<string, string> = { zone: "a", cpu: "8", memory: "2048", "node.os": "linux", version: "10" };
const facts: NodeFacts = {
  valueOf: (subject) => FACTS[subject],
  carries: (service) => service === "db",
};

function reasonFor(text: string): string | undefined {
  const read = readConstraint(text);
  if (read.kind === "slip") throw new Error(read.message);
  return unmet(read, facts);
}

const MET = [
  "zone == a",
  "zone != b",
  "rack != b",
  "cpu >= 8",
  "cpu > 7.5",
  "cpu < 10",
  "version > 9",
  "cpu == 8.0",
  "node.os in (linux, darwin)",
  "zone not in (b, c)",
  "rack not in (b)",
  "exists zone",
  "not exists gpu",
  "service == db",
  "service != web",
  "service in (web, db)",
  "service not in (web, api)",
];

for (const text of MET) {
  Deno.test(`unmet() finds nothing against ${text}`, () => assertEquals(reasonFor(text), undefined));
}

const UNMET: [string, string][] = [
  ["zone == b", "zone is a, wanted zone == b"],
  ["rack == b", "has no rack, wanted rack == b"],
  ["cpu > 8", "cpu is 8, wanted cpu > 8"],
  ["zone in (b, c)", "zone is a, wanted zone in (b, c)"],
  ["zone not in (a)", "zone is a, wanted zone not in (a)"],
  ["exists gpu", "has no label gpu, wanted exists gpu"],
  ["not exists zone", "has label zone, wanted not exists zone"],
  ["service == web", "has no replica of web"],
  ["service != db", "has a replica of db, wanted service != db"],
  ["service in (web, api)", "has no replica of web or api"],
  ["service not in (web, db)", "has a replica of db, wanted service not in (web, db)"],
];

for (const [text, reason] of UNMET) {
  Deno.test(`unmet() says why a node is against ${text}`, () => assertEquals(reasonFor(text), reason));
}

Deno.test("servicesNamed() finds the services that a wish is about", () => {
  const named = (text: string) => {
    const read = readConstraint(text);
    return read.kind === "slip" ? undefined : servicesNamed(read);
  };
  assertEquals(named("service in (web, db)"), ["web", "db"]);
  assertEquals(named("service != web"), ["web"]);
  assertEquals(named("zone == web"), []);
});
