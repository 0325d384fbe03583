/**
 * Chance as an argument. Ids, jitter and sampling draw from a `Random`, so that a run can be replayed from its seed. The
 * seeded generator is sfc32 (Chris Doty-Humphrey's "small fast counting" generator from PractRand): 128 bits of state,
 * a period of at least 2^32 and no known statistical failure. It is not for secrets.
 * @module
 */

/** A source of chance. */
export interface Random {
  /** The next number in [0, 1). */
  next(): number;
  /** A version 4 UUID. */
  uuid(): string;
}

/** The host's own chance. */
export const systemRandom: Random = {
  next: () => Math.random(),
  uuid: () => crypto.randomUUID(),
};

/** A generator that gives the same numbers for the same seed, on every host. */
export function seededRandom(seed: number): Random {
  const nextWord = sfc32(seed);
  return {
    next: () => {
      // 53 bits, as many as a double holds: 27 from one word, 26 from the next.
      const high = nextWord() >>> 5;
      const low = nextWord() >>> 6;
      return (high * 2 ** 26 + low) / 2 ** 53;
    },
    uuid: () => uuidOf([nextWord(), nextWord(), nextWord(), nextWord()]),
  };
}

/** A whole number from `min` to `max`, both included, each equally likely. */
export function intBetween(random: Random, { min, max }: { min: number; max: number }): number {
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min > max) {
    throw new RangeError(
      `Cannot draw a number: expected whole numbers with min ≤ max, found min ${min} and max ${max}`,
    );
  }
  return min + Math.floor(random.next() * (max - min + 1));
}

/** The words that the generator throws away first, until the seed has reached all of its state. */
const WARM_UP_WORDS = 16;

function sfc32(seed: number): () => number {
  // The seed's upper half counts too: seeds are often times or counters beyond 32 bits.
  let a = Math.floor(seed / 2 ** 32) | 0;
  let b = seed | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let word = 0; word < WARM_UP_WORDS; word++) next();
  return next;
}

function uuidOf(words: readonly number[]): string {
  const hex = words.map((word) => word.toString(16).padStart(8, "0")).join("");
  // RFC 9562: the version is the 13th digit; the two top bits of the 17th are the variant `10`.
  const variant = ((parseInt(hex.charAt(16), 16) & 0b0011) | 0b1000).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
