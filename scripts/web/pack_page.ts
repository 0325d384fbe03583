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

/** What a browser loads before it can show anything: script and style, compressed. */
export const LOADED_BYTES_MAX = 60_000;

const SCRIPT = "text/javascript; charset=utf-8";
const HASH_LENGTH = 12;
/** The highest: it is done once, and undone at each load of a page. */
const GZIP_LEVEL = 9;

export interface Packed {
  text: string;
  /** Of the first load. */
  loadedBytes: number;
  /** What may be loaded later. */
  laterBytes: number;
}

export interface PackOptions {
  loadedBytesMax?: number;
}

export function packPage(
  { html, script, later, style, icon }: PageParts,
  { loadedBytesMax = LOADED_BYTES_MAX }: PackOptions = {},
): Packed {
  const files: PageFiles["files"] = {};
  let page = html;
  /** Gives its size when compressed. */
  const keep = (path: string, { type, content }: { type: string; content: string }): number => {
    const packed = gzipSync(content, { level: GZIP_LEVEL });
    files[path] = { type, etag: hashOf(content), gzip: packed.toString("base64") };
    return packed.length;
  };
  const keepNamed = (name: string, file: { type: string; content: string }): number => {
    if (!page.includes(`"${name}"`)) throw new BuildError(`Cannot pack the dashboard: page.html doesn't name ${name}`);
    const path = `assets/${name.replace(".", `-${hashOf(file.content)}.`)}`;
    page = page.replace(`"${name}"`, `"/ui/${path}"`);
    return keep(path, file);
  };
  const loadedBytes = keepNamed("main.js", { type: SCRIPT, content: script }) +
    keepNamed("page.css", { type: "text/css; charset=utf-8", content: style });
  if (loadedBytes > loadedBytesMax) {
    throw new BuildError(
      `Cannot pack the dashboard: its script and style have ${loadedBytes} bytes when compressed, and ` +
        `${loadedBytesMax} are allowed; leave something out`,
    );
  }
  keepNamed("favicon.svg", { type: "image/svg+xml", content: icon });
  let laterBytes = 0;
  // The bundler has put a digest into their names already, and they are called by these.
  for (const [name, content] of Object.entries(later)) laterBytes += keep(`assets/${name}`, { type: SCRIPT, content });
  keep("index.html", { type: "text/html; charset=utf-8", content: page });
  return { text: `${JSON.stringify({ files })}\n`, loadedBytes, laterBytes };
}

function hashOf(content: string): string {
  return createHash("sha256").update(content).digest("hex").slice(0, HASH_LENGTH);
}
