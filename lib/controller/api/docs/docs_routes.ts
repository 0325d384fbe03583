/**
 * `/openapi.json` and `/docs`: the API for programs and for people. Both tell of the API and nothing of the cluster, so
 * that nobody is asked for a credential.
 * @module
 */
import type { Call, Route } from "../context.ts";
import { type OpenApiDocument, openApiDocument } from "../openapi/document.ts";
import { DOCS_CSS } from "./docs_css.ts";
import { DOCS_JS } from "./docs_js.ts";
import { docsPage } from "./page.ts";

/** Nothing comes from elsewhere, and nothing that is in the page itself is run or styles it. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The routes that tell of those given. */
export function docsRoutes(routes: readonly Route[]): Route[] {
  let document: OpenApiDocument | undefined;
  let page: { origin: string; text: string } | undefined;
  const described = () => document ??= openApiDocument(routes);
  const pageFor = (call: Call) => {
    const { origin } = new URL(call.req.url);
    // It is the same for all who come by the same name.
    if (page?.origin !== origin) page = { origin, text: docsPage(described(), origin) };
    return page.text;
  };
  return [
    fileRoute("/openapi.json", { type: "application/json", text: () => `${JSON.stringify(described())}\n` }),
    fileRoute("/docs", { type: "text/html; charset=utf-8", text: pageFor }),
    fileRoute("/docs/docs.css", { type: "text/css; charset=utf-8", text: () => DOCS_CSS }),
    fileRoute("/docs/docs.js", { type: "text/javascript; charset=utf-8", text: () => DOCS_JS }),
  ];
}

function fileRoute(path: string, { type, text }: { type: string; text: (call: Call) => string }): Route {
  const headers = { "content-type": type, "cache-control": "no-cache", "content-security-policy": POLICY };
  return { method: "GET", path, needs: "open", handle: (call) => new Response(text(call), { headers }) };
}
