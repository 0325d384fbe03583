/**
 * The cookie of a session: how it is set, taken back and read. No script reads it, no other site's page sends it, and
 * the ingress lets no replica see it (`lib/ingress/operator_guard.ts`).
 * @module
 */
import { SESSION_MS } from "../../people/sessions.ts";

const NAME = "muster_session";

/** The value of `Set-Cookie` that begins a session. */
export function beginningCookie(id: string, { secure }: { secure: boolean }): string {
  return cookie(id, { secure, maxAgeS: SESSION_MS / 1_000 });
}

/** The one that ends it. */
export function endingCookie({ secure }: { secure: boolean }): string {
  return cookie("", { secure, maxAgeS: 0 });
}

/** The session's id that a request carries. */
export function sessionIdIn(headers: Headers): string | undefined {
  for (const pair of headers.get("cookie")?.split(";") ?? []) {
    const [name, value] = pair.split("=", 2);
    if (name?.trim() === NAME && value !== undefined) return value.trim();
  }
  return undefined;
}

function cookie(value: string, { secure, maxAgeS }: { secure: boolean; maxAgeS: number }): string {
  const attributes = [`${NAME}=${value}`, "HttpOnly", "SameSite=Strict", "Path=/", `Max-Age=${maxAgeS}`];
  return [...attributes, ...(secure ? ["Secure"] : [])].join("; ");
}
