/**
 * The fields that a peer had remembered (RFC 7541 §2.3.2): the newest has number 62, the oldest give way. Its size is
 * counted as the sender counts it, so that both sides always agree on what is in it.
 * @module
 */

import type { Field } from "../../http1/fields.ts";
import { STATIC_TABLE } from "./static_table.ts";

/** What a field costs beside its octets. */
export const ENTRY_OVERHEAD_BYTES = 32;

export class DynamicTable {
  /** The oldest first. Nothing is set aside for a connection whose peer has nothing remembered. */
  #fields: Field[] = [];
  #bytes = 0;
  #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Size by HPACK's count. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The field of that number, in this table or the static one. */
  at(index: number): Field | undefined {
    if (index <= STATIC_TABLE.length) return STATIC_TABLE[index - 1];
    return this.#fields[this.#fields.length - (index - STATIC_TABLE.length)];
  }

  /** Adds a field; one that is larger than the table empties it. */
  add(field: Field): void {
    const bytes = entryBytes(field);
    this.#evict(this.#bytesMax - bytes);
    if (bytes > this.#bytesMax) return;
    this.#fields.push(field);
    this.#bytes += bytes;
  }

  resize(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    this.#evict(bytesMax);
  }

  /** Drops the oldest until no more than so much is left. */
  #evict(bytes: number): void {
    let count = 0;
    while (this.#bytes > Math.max(0, bytes)) this.#bytes -= entryBytes(this.#fields[count++]!);
    if (count > 0) this.#fields.splice(0, count);
  }
}

export function entryBytes([name, value]: Field): number {
  return name.length + value.length + ENTRY_OVERHEAD_BYTES;
}
