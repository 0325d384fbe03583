/**
 * The parameters of a query: each with its rule in words, a check, and the same as a JSON Schema for the API page.
 * @module
 */

const LIMIT_MAX = 1_000;
const TAIL_MAX = 10_000;

/** What a parameter may be. */
export interface Parameter {
  /** The rule in words, to follow its name. */
  rule: string;
  fits: (text: string) => boolean;
  schema: Readonly<Record<string, unknown>>;
}

/** The parameters of an operation, by name. */
export type Query = Readonly<Record<string, Parameter>>;

export const TEXT: Parameter = {
  rule: "a text",
  fits: (text) => text !== "",
  schema: { type: "string", minLength: 1 },
};
export const FLAG: Parameter = {
  rule: "true or false",
  fits: (text) => /^(true|false|1|0)$/.test(text),
  schema: { type: "boolean" },
};
export const LIMIT = wholeNumber({ least: 1, most: LIMIT_MAX });
export const EVENT_ID = wholeNumber({ of: "the id of the last event that was read, a whole number" });

/** What every list takes. */
export const PAGE = { limit: LIMIT, cursor: TEXT } as const satisfies Query;

/** What every write takes that can be rehearsed. */
export const DRY_RUN = { dry_run: FLAG } as const satisfies Query;

/** What log lines are asked for by. */
export const LINES = {
  tail: wholeNumber({ most: TAIL_MAX, of: "how many lines of each replica come first," }),
  follow: FLAG,
  stream: {
    rule: "out or err",
    fits: (text) => /^(std)?(out|err)$/.test(text),
    schema: { enum: ["out", "err"] },
  },
} as const satisfies Query;

/** One of a few words. */
export function oneOf(...words: readonly string[]): Parameter {
  return { rule: `${words.join(", ")}, or left out`, fits: (text) => words.includes(text), schema: { enum: words } };
}

/** A whole number in a range, such as how many there are to be of something. */
export function wholeNumber({ least = 0, most = Number.MAX_SAFE_INTEGER, of = "a whole number" } = {}): Parameter {
  const bounded = most !== Number.MAX_SAFE_INTEGER;
  const fits = (text: string) => /^\d{1,16}$/.test(text) && Number(text) >= least && Number(text) <= most;
  return {
    rule: `${of}${bounded ? ` from ${least} to ${most}` : ""}`,
    fits,
    schema: { type: "integer", minimum: least, ...(bounded && { maximum: most }) },
  };
}
