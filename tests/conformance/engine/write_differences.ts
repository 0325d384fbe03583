/**
 * `deno run -A tests/conformance/engine/write_differences.ts`: compares Muster with nginx and HAProxy anew, and writes the table
 * in `docs/ingress-differences.md`. `deno fmt` makes it pretty.
 * @module
 */
import { cellsOf, compare } from "./differences.ts";

const DOCUMENT = new URL("../../../docs/ingress-differences.md", import.meta.url);

const { count, differences } = await compare();
const header = ["request", "Muster", "nginx", "HAProxy", "why"];
const lines = [header, header.map(() => "---"), ...differences.map(cellsOf)].map((cells) => `| ${cells.join(" | ")} |`);
await Deno.writeTextFile(
  DOCUMENT,
  `# How the ingress differs from nginx and HAProxy

The same bytes go to Muster's ingress, to nginx 1.22 and to HAProxy 2.6 (Debian 12, each as it is configured most), and
a replica behind each writes down what reaches it. Of ${count} requests, good and bad, all three make the same of
${
    count - differences.length
  }; the others are below. A number is the status of a refusal; nothing complete reached the replica
then. "Passed on" means with the same method, target, host, framing and content; "not valid" means that what came out
is no valid request (RFC 9112).

Muster refuses what two readers could understand differently, as smuggling lives on that. What it takes goes on byte for
byte.

${lines.join("\n")}

\`deno run -A tests/conformance/engine/write_differences.ts\` makes this table, and
\`tests/conformance/engine/differences_test.ts\` holds it against the programs.
`,
);
console.log(`${count} requests, ${differences.length} differences`);
