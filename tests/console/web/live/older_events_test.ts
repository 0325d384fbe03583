import { assertEquals } from "@std/assert";
import { olderThan, PAGE_EVENTS } from "../../../../lib/console/web/live/older_events.ts";
import { History } from "../../../../lib/controller/history.ts";
import { systemClock } from "../../../../lib/runtime/clock.ts";

const { signal } = new AbortController();

function historyOf(count: number): { first: number; client: Parameters<typeof olderThan>[0] } {
  const history = new History({ clock: systemClock, epoch: 3 });
  const first = history.last + 1;
  for (let nth = 0; nth < count; nth++) history.add({ kind: "ready", severity: "info", text: `${nth}` });
  const listEvents: Parameters<typeof olderThan>[0]["listEvents"] = ({ query }) =>
    Promise.resolve(history.since(Number(query?.after), { limit: Number(query?.limit) }));
  return { first, client: { listEvents } };
}

Deno.test("olderThan() gives page after page without a gap or a double, back to the first event that is kept", async () => {
  for (const count of [1, PAGE_EVENTS, PAGE_EVENTS + 1, 2 * PAGE_EVENTS + 17]) {
    const { first, client } = historyOf(count);
    const ids: number[] = [];
    let before: number | undefined = first + count;
    while (before !== undefined) {
      const page = await olderThan(client, before, { signal });
      ids.unshift(...page.events.map(({ id }) => id));
      before = page.before;
    }
    assertEquals(ids, Array.from({ length: count }, (_, nth) => first + nth));
  }
});

Deno.test("olderThan() says at once that nothing is older than the first event", async () => {
  const { first, client } = historyOf(5);
  assertEquals((await olderThan(client, first, { signal })).events, []);
});
