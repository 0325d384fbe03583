/**
 * What the documents tell a reader to type, typed: every block that is marked `runnable`, page by page from the top to the
 * bottom, each page with a cluster of its own. A failure names the page and the line.
 * @module
 */
import { assert } from "@std/assert";
import { startCluster } from "../support/cluster.ts";
import { blocksOf, docPages } from "../support/doc_blocks.ts";
import { openReader } from "../support/doc_reader.ts";
import { granted } from "../support/granted.ts";
import { ingressOf } from "../support/ingress.ts";
import { isInstalled } from "../support/installed.ts";

/** What some pages take for granted beside a shell and curl. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  "docs/quick-start.md": ["node"],
  "docs/guide/artifacts.md": ["node"],
  "docs/guide/programs.md": ["python3"],
};
/** Its blocks are those of README.md, which is read; a house test compares them. */
const TWIN = "README.ru.md";

const onUnix = granted && Deno.build.os !== "windows";

for (const doc of onUnix ? docPages().filter((page) => page !== TWIN) : []) {
  const blocks = blocksOf(doc);
  const runnable = blocks.filter((block) => block.runnable);
  if (runnable.length === 0) continue;
  const missing = ["curl", ...NEEDS[doc] ?? []].filter((program) => !isInstalled(program));
  Deno.test({
    name: `${doc}: ${runnable.length} blocks do what they say${
      missing.map((name) => ` (ignored: ${name} not installed)`)
    }`,
    ignore: missing.length > 0,
    fn: async () => {
      // Elsewhere agents are called after their hosts.
      const areNamed = blocks.some(({ text }) => /\bn1\b/.test(text));
      const agents = ["n1", "n2"].map((name) => ({ args: areNamed ? ["--name", name] : [] }));
      const hasIngress = blocks.some(({ text }) => text.includes(":8080"));
      const controller = { args: hasIngress ? ["--ingress-port", "0"] : [] };
      await using cluster = await startCluster({ agents, controller });
      await using reader = await openReader(cluster, hasIngress ? await ingressOf(cluster) : undefined);
      for (const block of blocks) await reader.follow(block);
    },
  });
}

Deno.test({
  name: "the pages have blocks to run",
  ignore: !onUnix,
  fn: () => assert(docPages().flatMap(blocksOf).filter(({ runnable }) => runnable).length >= 35),
});
