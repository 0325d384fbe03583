/**
 * Where somebody is in the dashboard, as the address says it: `/ui/services/web?tab=logs`. Pure, so that an address and
 * the page that it means are tested without a browser; `router.ts` ties it to the browser's history.
 * @module
 */

export const BASE = "/ui";

/** The parts of an address that follow the base; the overview has none. */
export const SECTIONS = ["services", "replicas", "nodes", "events", "plan", "explain", "tokens"] as const;
export type Section = typeof SECTIONS[number];

export interface Place {
  page: Section | "overview" | "nowhere";
  /** What it is about: a service's name, a replica's or a node's id; "" if nothing in particular. */
  subject: string;
  query: Readonly<Record<string, string>>;
}

/** The place that an address means. */
export function placeAt(path: string, search = ""): Place {
  const query = Object.fromEntries(new URLSearchParams(search));
  const nowhere: Place = { page: "nowhere", subject: "", query };
  if (path !== BASE && !path.startsWith(`${BASE}/`)) return nowhere;
  const [section = "", subject = "", ...rest] = path.slice(BASE.length + 1).split("/");
  if (rest.length > 0) return nowhere;
  if (section === "") return { page: "overview", subject: "", query };
  const page = SECTIONS.find((name) => name === section);
  const decoded = decode(subject);
  return page === undefined || decoded === undefined ? nowhere : { page, subject: decoded, query };
}

/** The address of a place, for links. */
export function hrefOf(
  section: Section | "overview",
  subject = "",
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const path = [section === "overview" ? "" : section, encodeURIComponent(subject)].filter((part) => part !== "");
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(given).toString();
  return `${[BASE, ...path].join("/")}${search === "" ? "" : `?${search}`}`;
}

/** Undefined for what nobody's address says. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return undefined;
  }
}
