/**
 * What answers every request on the controller's port. The first segment of the path decides: Muster's own routes go
 * through the guard to hono, everything else straight to the proxy, which never pays for routing.
 * @module
 */
import { Hono } from "hono";
import { printableLine } from "../../runtime/sanitize.ts";
import { getLog } from "../../runtime/log.ts";
import { problem } from "../../wire/problem.ts";
import { denied } from "./access/access.ts";
import { audited } from "../audit/audited.ts";
import { questionOf } from "../audit/question.ts";
import { readBytes, readText } from "./body.ts";
import type { ApiContext, Call, CallEnv, ProxyHandler, Route } from "./context.ts";
import type { Guard } from "./access/guard.ts";
import { pageAnswer } from "../pages/page_answer.ts";
import { uselessHeader } from "./precondition.ts";
import { strayParameter } from "./query.ts";
import { ROUTES } from "./routes.ts";
import { schemaRoutes } from "./schema.ts";
import { shortRoutes } from "./short_routes.ts";

/** Paths that are Muster's own as they are, and with everything below them. */
const OWN_PATHS = new Set([...[...shortRoutes, ...schemaRoutes].map(({ path }) => path), "/openapi.json"]);
const OWN_PREFIXES = new Set(["v1", "docs", "ui"]);
const WRITING_METHODS = new Set(["POST", "PUT", "PATCH", "DELETE"]);

const log = getLog("api");

export interface HandlerOptions {
  api: ApiContext;
  guard: Guard;
  proxy: ProxyHandler;
}

export function createHandler({ api, guard, proxy }: HandlerOptions): ProxyHandler {
  const app = createApp(api);
  return async (request, info) => {
    if (!isOwn(request.url)) return await proxy(request, info);
    const from = info.remoteAddr.hostname;
    const guarded = await guard(request, from);
    if ("refused" in guarded) {
      const { refused } = guarded;
      api.count({ method: methodLabel(request.method), route: "refused", status: String(refused.status) });
      await request.body?.cancel();
      return withSecurityHeaders(refused);
    }
    return withSecurityHeaders(await app.fetch(request, { who: guarded.who, from }));
  };
}

/** Whether the path is one of Muster's. The URL is read as text: this is on the way of every proxied request. */
export function isOwn(url: string): boolean {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const query = url.indexOf("?", start);
  const path = url.slice(start, query === -1 ? undefined : query);
  if (OWN_PATHS.has(path)) return true;
  const end = path.indexOf("/", 1);
  return OWN_PREFIXES.has(path.slice(1, end === -1 ? undefined : end));
}

function createApp(api: ApiContext): Hono<CallEnv> {
  const app = new Hono<CallEnv>();
  app.use(async (call, next) => {
    call.set("api", api);
    call.set("body", "");
    await next();
    // Of an answer to HEAD only its head is used, and what its body holds on to has to be let go.
    if (call.req.method === "HEAD") await call.res.body?.cancel();
  });
  app.get("/ui/*", (call) => paged(call));
  app.all("/ui/*", (call) => methodNotAllowed(call, "GET, HEAD"));
  for (const route of ROUTES) {
    app.on(route.method, route.path, (call) => answered(call, route));
  }
  for (const [path, routes] of Map.groupBy(ROUTES, (route) => route.path)) {
    const allow = routes.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
    app.all(path, (call) => methodNotAllowed(call, allow));
  }
  app.notFound(async (call) => {
    await call.req.raw.body?.cancel();
    const path = printableLine(new URL(call.req.url).pathname);
    const detail = `there is no ${path} here; /v1 lists services, nodes, replicas, endpoints and events`;
    return problem({ type: "not-found", title: "Not Found", status: 404, detail });
  });
  app.onError((error, call) => {
    log.error("Cannot answer a request", { method: call.req.method, route: "failed", error });
    const detail =
      "the controller failed to answer; its log says why. Whether a write took place is not known: read again";
    return problem({ type: "internal", title: "Internal Server Error", status: 500, detail });
  });
  return app;
}

/** Nothing is read of who may not do this: what they send would be kept in memory until it is whole. */
async function answered(call: Call, route: Route): Promise<Response> {
  const refusal = denied(call, route);
  if (refusal !== undefined) await call.req.raw.body?.cancel();
  const unread = refusal === undefined ? await unreadable(call, route) : undefined;
  if (unread !== undefined) return unread;
  const answer = async () => refusal ?? unfit(call, route) ?? await route.handle(call);
  const response = isAudited(route) ? await audited(call.var.api.audit, questionOf(call), answer) : await answer();
  call.var.api.count({ method: route.method, route: route.path, status: String(response.status) });
  return response;
}

/** Reads the body in, as the route takes it; the refusal of one that can't be. */
async function unreadable(call: Call, route: Route): Promise<Response | undefined> {
  const { method, bodyBytesMax, bodyIsStream } = route;
  const { raw } = call.req;
  if (bodyIsStream) return undefined;
  const isBytes = bodyBytesMax !== undefined;
  const bytes = isBytes ? await readBytes(raw, { bytesMax: bodyBytesMax }) : undefined;
  if (bytes instanceof Response) return bytes;
  const body = WRITING_METHODS.has(method) && !isBytes ? await readText(raw) : "";
  if (body instanceof Response) return body;
  call.set("bytes", bytes);
  call.set("body", body);
  return undefined;
}

/** The dashboard, in which every path is a page. */
async function paged(call: Call): Promise<Response> {
  const response = await pageAnswer(call.req.raw, call.var.api.pages);
  call.var.api.count({ method: "GET", route: "/ui", status: String(response.status) });
  return response;
}

/** The refusal of what a route would pass over in silence. */
function unfit(call: Call, route: Route): Response | undefined {
  const headers = WRITING_METHODS.has(route.method) ? uselessHeader(route, call.req.raw.headers) : undefined;
  return headers ?? strayParameter(call, route.query ?? {});
}

/** What agents and strangers send is audited by its handler, once it is known to be a write. */
function isAudited({ method, needs, onRecord }: Route): boolean {
  return onRecord === true || WRITING_METHODS.has(method) && needs !== "open" && needs !== "node";
}

async function methodNotAllowed(call: Call, allow: string): Promise<Response> {
  await call.req.raw.body?.cancel();
  call.var.api.count({ method: methodLabel(call.req.method), route: "refused", status: "405" });
  const detail = `${printableLine(call.req.method)} is not possible here; possible: ${allow}`;
  return problem({ type: "method-not-allowed", title: "Method Not Allowed", status: 405, detail, headers: { allow } });
}

/** A method as a label: whatever people invent is one series. */
function methodLabel(method: string): string {
  return WRITING_METHODS.has(method) || method === "GET" || method === "HEAD" ? method : "other";
}

function withSecurityHeaders(response: Response): Response {
  response.headers.set("x-content-type-options", "nosniff");
  response.headers.set("referrer-policy", "no-referrer");
  return response;
}
