/**
 * The code blocks of a document. What a test does with one stands behind its language, where a reader's page shows
 * nothing of it: `sh runnable` is run (`exit=1`: and ends with 1; `eventually`: again until it succeeds), `file=web.yaml`
 * is written to that file first, and `output` is what the runnable block before it prints.
 * @module
 */
import { fileURLToPath } from "node:url";

export interface DocBlock {
  /** From the project's root, and the line of the opening fence. */
  doc: string;
  line: number;
  language: string;
  text: string;
  runnable: boolean;
  eventually: boolean;
  isOutput: boolean;
  /** What a runnable block ends with. */
  exit: number;
  /** The file that a reader saves it as. */
  file: string | undefined;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FENCED = /^```(\w+)([^\n]*)\n([^]*?)^```$/gm;
const WORDS = /^(runnable|eventually|output|exit=\d+|file=[\w.-]+)$/;
const FOLDERS = ["docs", "docs/guide"];
const PAGES = ["README.md", "README.ru.md", "CONTRIBUTING.md"];

/** Every page that people write: those in docs/reference are made from the programs, decisions are history. */
export function docPages(): string[] {
  const inFolders = FOLDERS.flatMap((folder) =>
    [...Deno.readDirSync(`${ROOT}${folder}`)].map(({ name }) => `${folder}/${name}`)
  );
  return [...PAGES, ...inFolders.toSorted()].filter((path) => path.endsWith(".md"));
}

/** The blocks of a page, in its order. */
export function blocksOf(doc: string): DocBlock[] {
  return parseBlocks(doc, Deno.readTextFileSync(`${ROOT}${doc}`));
}

export function parseBlocks(doc: string, page: string): DocBlock[] {
  return [...page.matchAll(FENCED)].map(({ 1: language = "", 2: info = "", 3: text = "", index }) => {
    const line = page.slice(0, index).split("\n").length;
    const words = info.split(" ").filter(Boolean);
    const unknown = words.find((word) => !WORDS.test(word));
    if (unknown !== undefined) throw new Error(`${doc}:${line}: "${unknown}" means nothing behind a block's language`);
    const valueOf = (key: string) => words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
    return {
      doc,
      line,
      language,
      text,
      runnable: words.includes("runnable"),
      eventually: words.includes("eventually"),
      isOutput: words.includes("output"),
      exit: Number(valueOf("exit") ?? 0),
      file: valueOf("file"),
    };
  });
}
