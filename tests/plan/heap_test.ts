import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { LazyHeap } from "../../lib/plan/heap.ts";

interface Entry {
  name: string;
  key: number;
}

Deno.test("LazyHeap.find() gives the smallest that fits, the first of equals, while keys grow", () => {
  const steps = fc.array(fc.record({ modulo: fc.integer({ min: 1, max: 4 }), growth: fc.nat(5) }), { maxLength: 40 });
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 20 }), steps, (keys, finds) => {
      const entries: Entry[] = keys.map((key, at) => ({ name: `e${at}`, key }));
      const heap = new LazyHeap(entries, (entry) => entry.key);
      for (const { modulo, growth } of finds) {
        const fits = (entry: Entry) => entries.indexOf(entry) % modulo === 0;
        const expected = entries.filter(fits).toSorted((a, b) => a.key - b.key)[0];
        const found = heap.find(fits);
        assertEquals(found?.name, expected?.name);
        if (found !== undefined) found.key += growth;
      }
    }),
    { numRuns: 500, seed: 1 },
  );
});

Deno.test("LazyHeap.find() finds nothing in an empty heap, and nothing when nothing fits", () => {
  assertEquals(new LazyHeap<number>([], (entry) => entry).find(() => true), undefined);
  const heap = new LazyHeap([3, 1, 2], (entry) => entry);
  assertEquals(heap.find(() => false), undefined);
  assertEquals(heap.find(() => true), 1);
});
