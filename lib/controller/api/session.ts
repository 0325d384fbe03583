/**
 * `/v1/session`: the dashboard's login. Who shows a token gets a cookie that stands for it in this browser, and whoever
 * asks is told who they are here.
 * @module
 */
import type { SessionView } from "../../wire/api.ts";
import { SESSION_MS } from "../people/sessions.ts";
import { badRequest, conflict, json } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { UNKEPT } from "./precondition.ts";
import { route } from "./route.ts";
import { beginningCookie, endingCookie, sessionIdIn } from "./access/session_cookie.ts";

export const sessionRoutes: readonly Route[] = [
  route("beginSession", { scope: "own", refuses: UNKEPT, handle: postSession }),
  route("getSession", { scope: "own", handle: getSession }),
  route("endSession", { scope: "own", refuses: UNKEPT, handle: deleteSession }),
];

/** Who comes by a cookie is told when the session ends; by a token, when that does. */
function getSession({ env: { who }, req, var: { api } }: Call): Response {
  if (who.kind !== "person") {
    return json({ name: null, role: "admin", services: [], expires_at: null } satisfies SessionView);
  }
  const { id, name, role, services } = who;
  const cookie = req.header("authorization") === undefined ? sessionIdIn(req.raw.headers) : undefined;
  const leftMs = cookie === undefined ? undefined : api.sessions.leftMs(cookie);
  const expiresAt = leftMs === undefined
    ? api.tokens.called(id)?.expires_at ?? null
    : new Date(api.clock.wall() + leftMs).toISOString();
  return json({ name, role, services: [...services], expires_at: expiresAt } satisfies SessionView);
}

function postSession(call: Call): Response {
  const { env: { who }, var: { api } } = call;
  if (who.kind !== "person") {
    const detail = "this controller asks nobody for a credential: no session is needed";
    return conflict("no-credentials", { title: "No credentials are asked for", detail });
  }
  if (call.req.header("authorization") === undefined) {
    return badRequest('show a token once more to begin a session: "Authorization: Bearer …"');
  }
  const expiresAt = new Date(api.clock.wall() + SESSION_MS).toISOString();
  const { name, role, services } = who;
  const view: SessionView = { name, role, services: [...services], expires_at: expiresAt };
  const cookie = beginningCookie(api.sessions.open(who), { secure: isSecure(call) });
  return json(view, { status: 201, headers: { "set-cookie": cookie } });
}

function deleteSession(call: Call): Response {
  const id = sessionIdIn(call.req.raw.headers);
  if (id !== undefined) call.var.api.sessions.end(id);
  const headers = { "set-cookie": endingCookie({ secure: isSecure(call) }), "cache-control": "no-store" };
  return new Response(null, { status: 204, headers });
}

function isSecure(call: Call): boolean {
  return new URL(call.req.url).protocol === "https:";
}
