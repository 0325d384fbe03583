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
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { items: more, next_cursor } = await page({ limit: LIMIT, ...(cursor !== undefined && { cursor }) });
    items.push(...more);
    cursor = next_cursor;
  }
  return items;
}
