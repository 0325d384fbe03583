/**
 * What becomes of header fields at the edge, whichever ingress a request comes through: fields of the connection end
 * here, and what tells a replica about its client is set anew, so that a client can't forge it.
 * @module
 */
import { endToEndFields } from "../wire/http1/end_to_end.ts";
import type { Field, Fields } from "../wire/http1/fields.ts";

/** How a request reached the edge. */
export interface Arrival {
  /** The client's address. */
  peer: string;
  scheme: "http" | "https";
  /** What the client asked for: host and port. */
  authority: string;
}

/** What only the edge knows for certain. `Expect` has been answered here. */
const SET_ANEW = new Set(["expect", "forwarded", "host", "via", "x-real-ip"]);
const FORWARDED_PREFIX = "x-forwarded-";

/** The fields of a request as a replica is to see them, names in lower case. Framing is the sender's. */
export function requestFields(fields: Fields, { peer, scheme, authority }: Arrival): Field[] {
  const kept = endToEndFields(fields).filter(([name]) => !name.startsWith(FORWARDED_PREFIX) && !SET_ANEW.has(name));
  kept.push(
    ["host", authority],
    ["x-forwarded-for", peer],
    ["x-forwarded-host", authority],
    ["x-forwarded-proto", scheme],
    ["via", "1.1 muster"],
  );
  return kept;
}

/** The fields of an answer as a client is to see them, names in lower case. */
export function responseFields(fields: Fields): Field[] {
  return endToEndFields(fields).map(([name, value]) => [name.toLowerCase(), value]);
}
