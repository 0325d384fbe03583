/**
 * The dashboard's parts as the one file that the controller serves it from: each part compressed once and for all, and
 * under a name that changes with its content, so that browsers keep it for ever.
 * @module
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { PageFiles } from "../../lib/controller/pages/page_files.ts";
import { BuildError } from "../build/run_deno.ts";
import type { PageParts } from "./bundle_page.ts";

/** All of it, compressed: what a browser loads before it can show anything, and what comes with the charts. */
export const PAGE_BYTES_MAX = 60_000;

const SCRIPT = "text/javascript; charset=utf-8";
const HASH_LENGTH = 12;
/** The highest: it is done once, and undone at each load of a page. */
const GZIP_LEVEL = 9;

export interface Packed {
  text: string;
  /** All parts, compressed. */
  pageBytes: number;
  /** Those of them that only come with the charts. */
  laterBytes: number;
}

interface Part {
  type: string;
  content: string;
}

export interface PackOptions {
  pageBytesMax?: number;
}

export function packPage(
  { html, script, later, style, icon }: PageParts,
  { pageBytesMax = PAGE_BYTES_MAX }: PackOptions = {},
): Packed {
  const files: PageFiles["files"] = {};
  let [page, loader] = [html, script];
  /** Gives its size when compressed. */
  const keep = (path: string, { type, content }: Part): number => {
    const packed = gzipSync(content, { level: GZIP_LEVEL });
    files[path] = { type, etag: hashOf(content), gzip: packed.toString("base64") };
    return packed.length;
  };
  let laterBytes = 0;
  for (const [name, content] of Object.entries(later)) {
    const named = nameOf(name, content);
    loader = renamed(loader, { from: `"./${name}"`, to: `"./${named}"`, by: "main.js" });
    laterBytes += keep(`assets/${named}`, { type: SCRIPT, content });
  }
  let pageBytes = laterBytes;
  for (
    const [name, part] of Object.entries<Part>({
      "main.js": { type: SCRIPT, content: loader },
      "page.css": { type: "text/css; charset=utf-8", content: style },
      "favicon.svg": { type: "image/svg+xml", content: icon },
    })
  ) {
    const path = `assets/${nameOf(name, part.content)}`;
    page = renamed(page, { from: `"${name}"`, to: `"/ui/${path}"`, by: "page.html" });
    pageBytes += keep(path, part);
  }
  pageBytes += keep("index.html", { type: "text/html; charset=utf-8", content: page });
  if (pageBytes > pageBytesMax) {
    throw new BuildError(
      `Cannot pack the dashboard: it has ${pageBytes} bytes when compressed, and ${pageBytesMax} are allowed; ` +
        "leave something out",
    );
  }
  return { text: `${JSON.stringify({ files })}\n`, pageBytes, laterBytes };
}

function nameOf(name: string, content: string): string {
  return name.replace(".", `-${hashOf(content)}.`);
}

function renamed(text: string, { from, to, by }: { from: string; to: string; by: string }): string {
  if (!text.includes(from)) throw new BuildError(`Cannot pack the dashboard: ${by} doesn't name ${from}`);
  return text.replaceAll(from, to);
}

function hashOf(content: string): string {
  return createHash("sha256").update(content).digest("hex").slice(0, HASH_LENGTH);
}
