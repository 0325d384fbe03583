/**
 * Lists by the page: `limit` and `cursor` in, one page and the way to the next one out, both in the body and as a `Link`
 * (RFC 8288). A cursor is the sort key of the last item, so that pages stay right while items come and go.
 * @module
 */
import type { Page } from "../../wire/api.ts";
import { badRequest, json } from "./answer.ts";
import type { Call } from "./context.ts";
import { limitIn } from "./query.ts";

const CURSOR_MAX = 1_024;

export interface Listing<Item, View> {
  items: Iterable<Item>;
  /** What the list is sorted by; different for each item. */
  keyOf: (item: Item) => string;
  viewOf: (item: Item) => View;
}

/** Answers with the page that is asked for. */
export function answerPage<Item, View>(call: Call, { items, keyOf, viewOf }: Listing<Item, View>): Response {
  const url = new URL(call.req.url);
  const limit = limitIn(call);
  const cursor = readCursor(url.searchParams.get("cursor"));
  if (cursor === undefined) return badRequest(`"cursor": the "next_cursor" of the page before, unchanged`);

  const keyed = [...items].map((item) => ({ item, key: keyOf(item) })).filter(({ key }) => key > cursor);
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  const shown = keyed.slice(0, limit);
  const next = keyed.length > limit ? writeCursor(shown.at(-1)?.key ?? "") : null;
  const page: Page<View> = { items: shown.map(({ item }) => viewOf(item)), next_cursor: next };
  if (next === null) return json(page);
  url.searchParams.set("cursor", next);
  return json(page, { headers: { link: `<${url.pathname}${url.search}>; rel="next"` } });
}

function writeCursor(key: string): string {
  return new TextEncoder().encode(key).toBase64({ alphabet: "base64url", omitPadding: true });
}

function readCursor(text: string | null): string | undefined {
  if (text === null) return "";
  if (text.length > CURSOR_MAX) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.fromBase64(text, { alphabet: "base64url" }));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
