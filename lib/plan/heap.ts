/**
 * A binary heap whose keys only ever grow while it is in use: an entry's key is checked again when it comes to the top,
 * so that an entry may be changed without being moved at once. Ties are broken by the entries' own order.
 * @module
 */

export class LazyHeap<T> {
  readonly #entries: { key: number; entry: T; order: number }[];
  readonly #keyOf: (entry: T) => number;

  constructor(entries: readonly T[], keyOf: (entry: T) => number) {
    this.#keyOf = keyOf;
    this.#entries = entries.map((entry, order) => ({ key: keyOf(entry), entry, order }));
    for (let at = (this.#entries.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  /** The entry with the smallest key for which `fits` holds; entries that don't fit stay in the heap. */
  find(fits: (entry: T) => boolean): T | undefined {
    const aside: { key: number; entry: T; order: number }[] = [];
    let found: T | undefined;
    while (this.#entries.length > 0) {
      const top = this.#entries[0]!;
      const key = this.#keyOf(top.entry);
      if (key > top.key) {
        top.key = key;
        this.#sink(0);
        continue;
      }
      if (fits(top.entry)) {
        found = top.entry;
        break;
      }
      aside.push(this.#pop());
    }
    for (const entry of aside) this.#push(entry);
    return found;
  }

  #pop() {
    const top = this.#entries[0]!;
    const last = this.#entries.pop()!;
    if (this.#entries.length > 0) {
      this.#entries[0] = last;
      this.#sink(0);
    }
    return top;
  }

  #push(entry: { key: number; entry: T; order: number }): void {
    const entries = this.#entries;
    let at = entries.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entries[at]!, entries[parent]!)) return;
      [entries[at], entries[parent]] = [entries[parent]!, entries[at]!];
      at = parent;
    }
  }

  #sink(from: number): void {
    const entries = this.#entries;
    let at = from;
    while (true) {
      const left = 2 * at + 1;
      let least = at;
      if (left < entries.length && before(entries[left]!, entries[least]!)) least = left;
      if (left + 1 < entries.length && before(entries[left + 1]!, entries[least]!)) least = left + 1;
      if (least === at) return;
      [entries[at], entries[least]] = [entries[least]!, entries[at]!];
      at = least;
    }
  }
}

function before(a: { key: number; order: number }, b: { key: number; order: number }): boolean {
  return a.key < b.key || (a.key === b.key && a.order < b.order);
}
