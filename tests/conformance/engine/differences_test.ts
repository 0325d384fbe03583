import { assertEquals } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { cellsOf, compare, reasonFor } from "./differences.ts";
import { missingProxies } from "./other_proxies.ts";

const missing = granted ? missingProxies() : [];
const REQUESTS_MIN = 120;

Deno.test({
  name: `docs/ingress-differences.md says how Muster, nginx and HAProxy differ, and why${
    missing.length === 0 ? "" : ` (skipped: ${missing.join(" and ")} is missing)`
  }`,
  ignore: !granted || missing.length > 0,
  fn: async () => {
    const document = await Deno.readTextFile(new URL("../../../docs/ingress-differences.md", import.meta.url));
    const told = document.split("\n").filter((line) => line.startsWith("| `")).map((line) =>
      line.split("|").slice(1, -1).map((cell) => cell.trim())
    );
    const { count, differences } = await compare();
    assertEquals(count > REQUESTS_MIN, true, `${count} requests`);
    assertEquals(differences.filter((one) => reasonFor(one) === undefined), []);
    assertEquals(told, differences.map(cellsOf));
  },
});
