/**
 * Lists that come by the page, as a whole.
 * @module
 */
import type { Page } from "../api.ts";

/** As many as one page can have. */
const LIMIT = 1_000;

/** All items, page after page. */
export async function allPages<T>(
  page: (query: { limit: number; cursor?: string }) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  let found = await page({ limit: LIMIT });
  items.push(...found.items);
  while (found.next_cursor !== null) {
    found = await page({ limit: LIMIT, cursor: found.next_cursor });
    items.push(...found.items);
  }
  return items;
}
