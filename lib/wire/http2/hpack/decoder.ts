/**
 * Header blocks as fields (RFC 7541 §3, §6). Whatever a head holds, its block is read to the end, as the table that both
 * sides share depends on it; but of a head that is too large no more is kept than it may have, so that one octet that
 * stands for a long field buys no memory.
 * @module
 */

import type { Field, Fields } from "../../http1/fields.ts";
import { decodeLatin1 } from "../../http1/octets.ts";
import { DynamicTable, entryBytes } from "./dynamic_table.ts";
import { decodeHuffman } from "./huffman.ts";

/** The size of the table that a peer may use: what every connection begins with. */
const TABLE_BYTES = 4_096;
/** An integer has at most so many octets after its prefix: 28 bits are more than any block is long. */
const INTEGER_OCTETS_MAX = 4;

const EMPTY: Uint8Array = new Uint8Array(0);

export interface HeaderList {
  readonly kind: "list";
  readonly fields: Fields;
  /** True when it exceeded a limit; `fields` is its beginning then. */
  readonly isTooLarge: boolean;
}

/** The state of both sides may differ from here on: the connection can't go on. */
export interface Undecodable {
  readonly kind: "undecodable";
  readonly detail: string;
}

export interface DecoderLimits {
  readonly fieldsBytesMax: number;
  readonly fieldsMax: number;
}

export class Decoder {
  readonly #limits: DecoderLimits;
  readonly #table = new DynamicTable(TABLE_BYTES);
  #block: Uint8Array = EMPTY;
  #at = 0;
  #fault = "";

  constructor(limits: DecoderLimits) {
    this.#limits = limits;
  }

  /** Size of the shared table, by HPACK's count. */
  get tableBytes(): number {
    return this.#table.bytes;
  }

  decode(block: Uint8Array): HeaderList | Undecodable {
    this.#block = block;
    this.#at = 0;
    this.#fault = "";
    const { fieldsBytesMax, fieldsMax } = this.#limits;
    const fields: Field[] = [];
    let bytes = 0;
    let isTooLarge = false;
    while (this.#at < block.length) {
      const octet = block[this.#at]!;
      if ((octet & 0xe0) === 0x20) {
        this.#resize(fields.length);
      } else {
        const field = (octet & 0x80) !== 0 ? this.#indexed() : this.#literal(octet);
        bytes += entryBytes(field);
        isTooLarge ||= bytes > fieldsBytesMax || fields.length === fieldsMax;
        if (!isTooLarge) fields.push(field);
      }
      if (this.#fault !== "") return { kind: "undecodable", detail: this.#fault };
    }
    // A view of it would keep the buffer of a read for as long as the connection is idle.
    this.#block = EMPTY;
    return { kind: "list", fields, isTooLarge };
  }

  #indexed(): Field {
    return this.#fieldAt(this.#integer(0x7f));
  }

  /** A literal: with 01 it is to be remembered, with 0000 and 0001 it isn't. */
  #literal(octet: number): Field {
    const isRemembered = (octet & 0x40) !== 0;
    const index = this.#integer(isRemembered ? 0x3f : 0x0f);
    const name = index === 0 ? this.#string() : this.#fieldAt(index)[0];
    const field: Field = [name, this.#string()];
    if (isRemembered && this.#fault === "") this.#table.add(field);
    return field;
  }

  /** A change of the table's size; they stand before the first field. */
  #resize(fieldsBefore: number): void {
    const bytes = this.#integer(0x1f);
    if (fieldsBefore > 0) this.#fault ||= "the table's size changes within a header block";
    else if (bytes > TABLE_BYTES) this.#fault ||= `the table may have ${TABLE_BYTES} bytes, not ${bytes}`;
    else this.#table.resize(bytes);
  }

  #fieldAt(index: number): Field {
    const field = this.#table.at(index);
    if (field === undefined) this.#fault ||= `no field has the number ${index}`;
    return field ?? ["", ""];
  }

  /** RFC 7541 §5.1: the bits of the prefix, or all of them set and groups of seven bits, the lowest first. */
  #integer(prefix: number): number {
    let value = this.#octet() & prefix;
    if (value < prefix) return value;
    for (let count = 0; count < INTEGER_OCTETS_MAX; count++) {
      const octet = this.#octet();
      value += (octet & 0x7f) << 7 * count;
      if ((octet & 0x80) === 0) return value;
    }
    this.#fault ||= "an integer is too long";
    return 0;
  }

  #string(): string {
    const isHuffman = ((this.#block[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#integer(0x7f);
    const start = this.#at;
    if (length > this.#block.length - start) {
      this.#fault ||= "a header block ends within a string";
      this.#at = this.#block.length;
      return "";
    }
    this.#at += length;
    if (!isHuffman) return decodeLatin1(this.#block, start, this.#at);
    const text = decodeHuffman(this.#block, start, this.#at);
    if (text === undefined) this.#fault ||= "a string is no valid Huffman code";
    return text ?? "";
  }

  #octet(): number {
    const octet = this.#block[this.#at++];
    if (octet === undefined) this.#fault ||= "a header block ends within a field";
    return octet ?? 0;
  }
}
