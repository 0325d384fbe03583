/**
 * What `/ui` and everything below it is answered with: a file of the dashboard under its own name, which browsers keep
 * for ever, and else the page itself, as the places in it are the page's to know. It holds no data of the cluster, so
 * that nobody is asked who they are; what it shows it asks the API for.
 * @module
 */
import type { PageFile, Pages } from "./page_files.ts";

const ROOT = "/ui";
const ASSETS = `${ROOT}/assets/`;

/** Nothing from anywhere else, nothing inline, in nobody's frame; data: is for the pictures in the style sheet. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Muster</title>
<h1>The dashboard is not built yet</h1>
<p>This controller runs from source. In its folder, run <code>deno task web</code>, and load this page again.</p>
</html>
`;

/** Whether that is the way to the dashboard. */
export function isPagePath(path: string): boolean {
  return path === ROOT || path.startsWith(`${ROOT}/`);
}

/** Answers a GET; of a HEAD the body is not sent. */
export async function pageAnswer({ url, headers }: Request, pages: Pages): Promise<Response> {
  const { pathname } = new URL(url);
  const files = await pages();
  if (files === undefined) return text(NOT_BUILT, { status: 503, type: "text/html; charset=utf-8" });
  const isAsset = pathname.startsWith(ASSETS);
  const file = files.get(isAsset ? pathname.slice(ROOT.length + 1) : "index.html");
  if (file === undefined) {
    return text("There is no such file; the dashboard was updated: load it again\n", { status: 404 });
  }
  const own = {
    "content-security-policy": POLICY,
    "cache-control": isAsset ? "public, max-age=31536000, immutable" : "no-cache",
    // Weak, as it stands for the file both compressed and not.
    etag: `W/"${file.etag}"`,
    vary: "accept-encoding",
  };
  if (isKnown(headers.get("if-none-match"), file.etag)) return new Response(null, { status: 304, headers: own });
  return content(file, { headers: own, packed: takesGzip(headers.get("accept-encoding")) });
}

function content(
  { type, packed }: PageFile,
  { headers, packed: asIs }: { headers: Readonly<Record<string, string>>; packed: boolean },
): Response {
  if (asIs) return new Response(packed, { headers: { ...headers, "content-type": type, "content-encoding": "gzip" } });
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(unpacked, { headers: { ...headers, "content-type": type } });
}

function text(
  body: string,
  { status, type = "text/plain; charset=utf-8" }: { status: number; type?: string },
): Response {
  const headers = { "content-type": type, "content-security-policy": POLICY, "cache-control": "no-store" };
  return new Response(body, { status, headers });
}

function isKnown(ifNoneMatch: string | null, etag: string): boolean {
  const known = ifNoneMatch?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  return known.includes(`"${etag}"`) || known.includes("*");
}

/** A quality of 0 is a refusal. */
function takesGzip(acceptEncoding: string | null): boolean {
  return acceptEncoding?.split(",").some((coding) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(coding)) ??
    false;
}
