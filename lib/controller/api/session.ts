/**
 * `/v1/session`: the dashboard's login. Who shows a token gets a cookie that stands for it in this browser.
 * @module
 */
import type { SessionView } from "../../wire/api.ts";
import { SESSION_MS } from "../people/sessions.ts";
import { badRequest, conflict, json } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { UNKEPT } from "./precondition.ts";
import { beginningCookie, endingCookie, sessionIdIn } from "./access/session_cookie.ts";

export const sessionRoutes: readonly Route[] = [
  { method: "POST", path: "/v1/session", needs: "viewer", scope: "own", refuses: UNKEPT, handle: postSession },
  { method: "DELETE", path: "/v1/session", needs: "viewer", scope: "own", refuses: UNKEPT, handle: deleteSession },
];

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
