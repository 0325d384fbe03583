/**
 * Why a workload behind the controller's port can't act as the operator, though its pages share the operator's origin:
 * it never sees the operator's credentials, and its answers run in a sandbox and may say nothing about the origin as a
 * whole. Only this port needs that; the ingress on ports of its own doesn't come here.
 * @module
 */
import type { Field } from "../wire/http1/fields.ts";

/** The cookie of the dashboard. */
const SESSION_COOKIE = "muster_session";

/** Without `allow-same-origin` a page has an origin of its own. A second policy beside the replica's: both hold. */
const SANDBOX: Field = ["content-security-policy", "sandbox allow-scripts allow-forms"];

/** What an answer can do to everything under its host: wipe storage, pin https, redirect or watch all traffic. */
const ORIGIN_WIDE = new Set([
  "alt-svc",
  "clear-site-data",
  "nel",
  "report-to",
  "service-worker-allowed",
  "strict-transport-security",
]);

/** A request's fields without the operator's credentials; names in lower case. */
export function withoutCredentials(fields: readonly Field[]): Field[] {
  const kept: Field[] = [];
  for (const field of fields) {
    const [name, value] = field;
    if (name === "authorization") continue;
    if (name !== "cookie" || !value.includes(SESSION_COOKIE)) {
      kept.push(field);
      continue;
    }
    const others = value.split(/[;,]/).filter((pair) => cookieName(pair) !== SESSION_COOKIE);
    if (others.length > 0) kept.push([name, others.map((pair) => pair.trim()).join("; ")]);
  }
  return kept;
}

/** An answer's fields with the sandbox; names in lower case. Changes the list that it is given. */
export function sandboxed(fields: Field[]): Field[] {
  const kept = fields.some(isForbidden) ? fields.filter((field) => !isForbidden(field)) : fields;
  kept.push(SANDBOX);
  return kept;
}

function isForbidden([name, value]: Field): boolean {
  return ORIGIN_WIDE.has(name) || (name === "set-cookie" && cookieName(value) === SESSION_COOKIE);
}

function cookieName(pair: string): string {
  const equals = pair.indexOf("=");
  return (equals === -1 ? pair : pair.slice(0, equals)).trim();
}
