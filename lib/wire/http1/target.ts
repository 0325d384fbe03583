/**
 * The request target in its four forms (RFC 9112 §3.2) and the authority that a request is for. The path is never
 * normalised: `/a%2Fb/../c` goes on as it came.
 * @module
 */

import { type ErrorEvent, refuse, type RequestHead } from "./event.ts";

export type Target = Pick<RequestHead, "form" | "path" | "authority">;

/** A name, an IPv4 address or a bracketed IPv6 address, and perhaps a port; no user, no path. */
const AUTHORITY = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._~!$&'()*+,;=%-]{1,255})(?::([0-9]{0,5}))?$/;
const ABSOLUTE = /^https?:\/\/([^/?]*)([/?].*)?$/i;

/** Reads a target whose octets have been checked; `authority` is empty where Host has to give it. */
export function parseTarget(method: string, target: string): Target | ErrorEvent {
  if (method === "CONNECT") {
    if (!isAuthority(target)) return refuse(400, "CONNECT takes a host and a port as its target");
    return { form: "authority", path: "", authority: target };
  }
  if (target.startsWith("/")) return { form: "origin", path: target, authority: "" };
  if (target === "*") {
    if (method !== "OPTIONS") return refuse(400, "the target * is for OPTIONS only");
    return { form: "asterisk", path: "*", authority: "" };
  }
  const match = ABSOLUTE.exec(target);
  if (match === null) return refuse(400, "the target must begin with /, http:// or https://");
  const [, authority = "", rest = ""] = match;
  if (!isAuthority(authority)) return refuse(400, "the target's authority is not a host with an optional port");
  if (rest === "" && method === "OPTIONS") return { form: "absolute", path: "*", authority };
  return { form: "absolute", path: rest.startsWith("/") ? rest : `/${rest}`, authority };
}

/** Whether a text is a host with an optional port: what Host may hold. */
export function isAuthority(text: string): boolean {
  const match = AUTHORITY.exec(text);
  return match !== null && Number(match[1] ?? 0) <= 65_535;
}
