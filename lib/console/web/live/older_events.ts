/**
 * Events of before those that the page has already, a page at a time: as far back as the controller remembers. Ids are
 * consecutive, so that the one where a page begins is where the one before it ends.
 * @module
 */
import type { EventView } from "../../../wire/api.ts";
import type { Client } from "../../../wire/client/client.ts";

export const PAGE_EVENTS = 500;

export interface OlderPage {
  /** Oldest first. */
  events: readonly EventView[];
  /** Where the page before this one ends; undefined when nothing older is kept. */
  before: number | undefined;
}

/** The events before the one of that id. */
export async function olderThan(
  client: Pick<Client, "listEvents">,
  before: number,
  options: { signal: AbortSignal },
): Promise<OlderPage> {
  // From 0 on the controller takes it that nothing is missed, and begins with its first one.
  const after = Math.max(1, before - 1 - PAGE_EVENTS);
  const { events, gone } = await client.listEvents({ query: { after, limit: PAGE_EVENTS } }, options);
  const older = events.filter(({ id }) => id < before);
  return { events: older, before: gone || after === 1 ? undefined : after + 1 };
}
