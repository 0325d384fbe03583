/**
 * Reads strings in HPACK's Huffman code, four bits at a time: for each inner node of the code's tree and each group of
 * four bits a table says which node comes next and whether a symbol was completed on the way. No code is shorter than
 * five bits, so it is never more than one.
 * @module
 */

import { decodeLatin1 } from "../../http1/octets.ts";
import { CODE_BITS, CODES, EOS } from "./huffman_code.ts";

/** An entry: the next node in the low byte, the symbol in the next, and what is to be made of them. */
const EMITS = 0x1_0000;
const FAILS = 0x2_0000;
/** Octets that a result has at most for each octet of code: the shortest code has five bits. */
const GROWTH = 8 / 5;
/** Nearly every string fits in here; nothing of one call remains for the next. */
const SCRATCH = new Uint8Array(1_024);

const { steps: STEPS, mayEnd: MAY_END } = makeTables();

/** The string, or undefined when it is no valid code: EOS within, or padding that isn't the beginning of EOS. */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string | undefined {
  const lengthMax = Math.ceil((end - start) * GROWTH);
  const text = lengthMax <= SCRATCH.length ? SCRATCH : new Uint8Array(lengthMax);
  let length = 0;
  let node = 0;
  for (let at = start; at < end; at++) {
    const octet = bytes[at]!;
    const high = STEPS[node << 4 | octet >> 4]!;
    if ((high & EMITS) !== 0) text[length++] = high >> 8;
    const low = STEPS[(high & 0xff) << 4 | octet & 0xf]!;
    if ((low & EMITS) !== 0) text[length++] = low >> 8;
    if (((high | low) & FAILS) !== 0) return undefined;
    node = low & 0xff;
  }
  return MAY_END[node] === 1 ? decodeLatin1(text, 0, length) : undefined;
}

/** Walks the tree from each inner node along each group of four bits. */
function makeTables(): { steps: Int32Array; mayEnd: Uint8Array } {
  const tree = makeTree();
  const steps = new Int32Array(tree.length << 4);
  for (let from = 0; from < tree.length; from++) {
    for (let group = 0; group < 16; group++) steps[from << 4 | group] = step(tree, { from, group });
  }
  // A string may end within the first seven bits of EOS, which is all ones.
  const mayEnd = new Uint8Array(tree.length);
  let node = 0;
  for (let bits = 0; bits < 8; bits++) {
    mayEnd[node] = 1;
    node = tree[node]![1];
  }
  return { steps, mayEnd };
}

function step(tree: readonly Branches[], { from, group }: { from: number; group: number }): number {
  let [node, entry] = [from, 0];
  for (let bit = 3; bit >= 0; bit--) {
    const next = tree[node]![(group >> bit & 1) as 0 | 1];
    if (next === ~EOS) return FAILS;
    if (next < 0) entry = EMITS | ~next << 8;
    node = Math.max(next, 0);
  }
  return entry | node;
}

/** For either bit the next node, or the complement of a symbol. The root is 0, and no branch leads back to it. */
type Branches = [zero: number, one: number];

function makeTree(): Branches[] {
  const tree: Branches[] = [[0, 0]];
  for (const [symbol, code] of CODES.entries()) {
    let node = 0;
    for (let bit = CODE_BITS[symbol]! - 1; bit > 0; bit--) {
      const branch = (code >> bit & 1) as 0 | 1;
      if (tree[node]![branch] === 0) tree[node]![branch] = tree.push([0, 0]) - 1;
      node = tree[node]![branch];
    }
    tree[node]![(code & 1) as 0 | 1] = ~symbol;
  }
  return tree;
}
