/**
 * What the documents say about the project holds: their links lead somewhere, what they quote is said, and a shell block
 * that no test runs has a reason that can be seen in it.
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { blocksOf, type DocBlock, docPages, parseBlocks } from "../support/doc_blocks.ts";
import { missingIn } from "../support/doc_output.ts";
import { granted } from "../support/granted.ts";
import { readText } from "./source.ts";
import { texts } from "./tracked.ts";

/** Why a block can't be run by a test. */
const REASONS: Readonly<Record<string, RegExp>> = {
  "other hosts": /\b(ssh|scp)\b|\b10\.0\.0\.\d/,
  "changes this host": /apt-get|systemctl|openssl/,
  "a Windows shell": /\.(cmd|exe)\b/,
  "programs that stay": /(agent|controller)\.ts( -\S+ \S+)*$|^(controller|agent) --(?!help)/m,
  "until Ctrl-C": / -f$/m,
  "what the reader fills in": /<[a-z ]+>|…|^kill -9 \d+$/m,
  "minutes, or a test of its own": /deno(@[\d.]+)? (task|test)|tests\/wine/,
};

/** Code in a text that is a command, an expression or a path, and no quotation. */
const COMMANDS =
  /^(controller|agent|systemctl|journalctl|curl|ss|stdbuf|GET|PUT|POST|DELETE|muster_|increase|up |[-/]|[a-z_]+: \S+$)/;
const FRAGMENT_MIN = 6;

function check(name: string, find: () => string[]): void {
  Deno.test({ name, ignore: !granted, fn: () => assertEquals(find(), []) });
}

check(
  "a shell block is run by a test, or shows why it can't be",
  () =>
    docPages().flatMap(blocksOf).filter(({ language, runnable }) => language === "sh" && !runnable)
      .filter(({ text }) => !Object.values(REASONS).some((reason) => reason.test(text)))
      .map(({ doc, line }: DocBlock) => `${doc}:${line} is not marked runnable`),
);

check("what the page on troubleshooting quotes is what the programs say", () => {
  const said = texts.filter(({ path }) => path.startsWith("lib/")).map(({ text }) => text).join("\n")
    // A text may go over several lines.
    .replaceAll(/["'`] \+\s*["'`]/g, "");
  const page = (readText("docs/troubleshooting.md") ?? "").replaceAll(/^```[^]*?^```$/gm, "").replaceAll("\n", " ");
  const quotes = [...page.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
  return quotes.filter((quote) => quote.includes(" ") && !COMMANDS.test(quote)).flatMap((quote) =>
    fragmentsOf(quote).filter((fragment) => !said.includes(fragment)).map((fragment) => `${quote}: "${fragment}"`)
  );
});

check("each link of a page leads to a file, and to a heading of it", () =>
  docPages().flatMap((doc) => {
    const links = [...(readText(doc) ?? "").matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = ""]) => to);
    return links.filter((to) => !/^[a-z]+:/.test(to) && !leadsSomewhere(doc, to)).map((to) => `${doc}: ${to}`);
  }));

Deno.test("a link is followed from its page's folder, to a heading as GitHub names it", { ignore: !granted }, () => {
  assertEquals(leadsSomewhere("docs/guide/nodes.md", "../api.md#nodes"), true);
  assertEquals(leadsSomewhere("docs/guide/nodes.md", "../api.md#no-such-heading"), false);
  assertEquals(leadsSomewhere("README.md", "docs/nothing.md"), false);
  assertEquals(anchorOf("`/status` & more: 4xx"), "status--more-4xx");
});

Deno.test("a block is known by its line, its language and what stands behind that", () => {
  const [first, second] = parseBlocks(
    "a.md",
    "# A\n\n```sh runnable exit=5\na b\n```\n\n```yaml file=a.yaml\nc: d\n```\n",
  );
  assertEquals([first?.line, first?.language, first?.text, first?.runnable, first?.exit], [3, "sh", "a b\n", true, 5]);
  assertEquals([second?.runnable, second?.file, second?.text], [false, "a.yaml", "c: d\n"]);
  assertThrows(() => parseBlocks("a.md", "```sh runable\na\n```\n"), Error, 'a.md:1: "runable" means nothing');
});

Deno.test("what is shown was printed when only ids, numbers, times and what … stands for differ", () => {
  const missing = (shown: string, printed: string) => missingIn(printed, { shown, language: "text" });
  const id = "96e9c0e4-b5ac-4d16-a1d8-fea4d39c4963";
  assertEquals(
    missing(`myhost-9091  ${id}  took 435 ms`, `other\nhost-a-8  ${crypto.randomUUID()} took 1.0 s`),
    undefined,
  );
  assertEquals(missing("hello … ready\n", "hello (2 of 3) ready"), undefined);
  assertEquals(missing("one\ntwo", "two\none"), "two");
  assertEquals(missing("2 ready", "2 waiting"), "2 ready");
  const lacking = (shown: unknown, printed: unknown) =>
    missingIn(JSON.stringify(printed), { shown: JSON.stringify(shown), language: "json" });
  assertEquals(lacking({ a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 2, d: 3 }] }, e: 4 }), undefined);
  assertEquals(lacking({ a: { b: [{ c: 1 }] } }, { a: { b: [{ c: "2" }] } }), "/a/b/0/c");
  assertEquals(lacking({ a: 1 }, { b: 1 }), "/a");
});

/** What stands between the names and numbers of a quotation. */
function fragmentsOf(quote: string): string[] {
  return quote.split("…").map((part) => part.trim().replace(/^[✗:;]\s*/, "")).filter(({ length }) =>
    length >= FRAGMENT_MIN
  );
}

function leadsSomewhere(doc: string, to: string): boolean {
  const [path = "", heading] = to.split("#");
  const { pathname } = new URL(path === "" ? doc.split("/").at(-1)! : path, `file:///${doc}`);
  const target = decodeURIComponent(pathname).slice(1);
  const isThere = texts.some((text) => text.path === target || text.path.startsWith(`${target.replace(/\/$/, "")}/`));
  if (heading === undefined) return isThere || readText(target) !== undefined;
  const headings = [...(readText(target) ?? "").matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) => anchorOf(text));
  return headings.includes(heading);
}

/** The name of a heading in links. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(/\s/g, "-");
}
