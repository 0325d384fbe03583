/**
 * The grammar of what an operator asks of a node, such as `zone == a`, `cpu >= 4` or `service != web`. Placement requires
 * it where it is a constraint, and prefers it where it is an affinity; `unmet.ts` says whether a node satisfies it.
 * @module
 */

const COMPARISONS = ["==", "!=", ">=", "<=", ">", "<"] as const;
type Comparison = typeof COMPARISONS[number];

/** One wish, read. `weight` is how much it counts among preferences: 1 unless it ends in such as `*5`. */
export type Constraint =
  & { weight: number }
  & (
    | { kind: "compare"; subject: string; is: Comparison; value: string }
    | { kind: "among"; subject: string; wanted: boolean; values: string[] }
    | { kind: "label"; label: string; wanted: boolean }
  );

/** What breaks the grammar, and where: counted from 1. */
export interface Slip {
  kind: "slip";
  at: number;
  message: string;
}

/** The subject that asks what the node carries. */
export const SERVICE_SUBJECT = "service";
export const WEIGHT_MAX = 100;
export const CONSTRAINT_LENGTH_MAX = 500;
const VALUES_MAX = 50;
const EXAMPLE = 'for example "zone == a", "cpu >= 4", "zone in (a, b)" or "not exists gpu"';

/** Reads one wish. */
export function readConstraint(text: string): Constraint | Slip {
  const reader = new Reader(text);
  try {
    const read = reader.wish();
    const weight = reader.weight();
    reader.end();
    return { ...read, weight };
  } catch (error) {
    if (error instanceof Unreadable) return { kind: "slip", at: error.at + 1, message: error.message };
    throw error;
  }
}

/** A slip in words for the operator. */
export function slipWords(text: string, { at, message }: Slip): string {
  return `cannot read "${text}" at character ${at}: ${message}; ${EXAMPLE}`;
}

class Unreadable extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

interface Token {
  kind: "word" | "quoted" | "sign";
  text: string;
  at: number;
}

const TOKEN = /\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_.\-/:+@]+)|(==|!=|>=|<=|[<>(),*]))/y;

/** Goes through the words of one wish. */
class Reader {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
  }

  wish() {
    this.#split();
    const negated = this.#takeWord("not");
    if (this.#takeWord("exists")) {
      return { kind: "label" as const, label: this.#value("the name of a label"), wanted: !negated };
    }
    if (negated) throw this.#unreadable('expected "exists" after "not"');
    const subject = this.#value("what is compared: a label, node.name, node.os, node.arch, cpu, memory or service");
    const isNegated = this.#takeWord("not");
    if (this.#takeWord("in")) {
      return { kind: "among" as const, subject, wanted: !isNegated, values: this.#values() };
    }
    if (isNegated) throw this.#unreadable('expected "in" after "not"');
    const is = COMPARISONS.find((sign) => this.#takeSign(sign));
    if (is === undefined) throw this.#unreadable(`expected one of ${COMPARISONS.join(" ")} in, not in`);
    if (subject === SERVICE_SUBJECT && is !== "==" && is !== "!=") {
      throw this.#unreadable("a service is there or not: compare it by == or !=, in or not in", -1);
    }
    return { kind: "compare" as const, subject, is, value: this.#value("a value") };
  }

  weight(): number {
    if (!this.#takeSign("*")) return 1;
    const weight = this.#value("a weight");
    if (!/^[1-9]\d{0,2}$/.test(weight) || Number(weight) > WEIGHT_MAX) {
      throw this.#unreadable(`a weight is a whole number from 1 to ${WEIGHT_MAX}`, -1);
    }
    return Number(weight);
  }

  end(): void {
    if (this.#next < this.#tokens.length) throw this.#unreadable("expected the end");
  }

  #split(): void {
    TOKEN.lastIndex = 0;
    const end = this.#text.trimEnd().length;
    while (TOKEN.lastIndex < end) {
      const from = TOKEN.lastIndex;
      const found = TOKEN.exec(this.#text);
      if (found === null) {
        const at = from + /^\s*/.exec(this.#text.slice(from))![0].length;
        throw new Unreadable(at, `unexpected ${this.#text[at]}; put a value with such characters in quotes`);
      }
      const [whole, double, single, word, sign] = found;
      const text = double ?? single ?? word ?? sign ?? "";
      const kind = word !== undefined ? "word" : sign !== undefined ? "sign" : "quoted";
      this.#tokens.push({ kind, text, at: from + whole.length - whole.trimStart().length });
    }
  }

  #values(): string[] {
    if (!this.#takeSign("(")) throw this.#unreadable('expected "("');
    const values = [this.#value("a value")];
    while (this.#takeSign(",")) values.push(this.#value("a value"));
    if (!this.#takeSign(")")) throw this.#unreadable('expected "," or ")"');
    if (values.length > VALUES_MAX) throw this.#unreadable(`at most ${VALUES_MAX} values`, -1);
    return values;
  }

  #value(what: string): string {
    const token = this.#tokens[this.#next];
    if (token === undefined || token.kind === "sign") throw this.#unreadable(`expected ${what}`);
    this.#next += 1;
    return token.text;
  }

  #takeWord(text: string): boolean {
    return this.#take({ kind: "word", text });
  }

  #takeSign(text: string): boolean {
    return this.#take({ kind: "sign", text });
  }

  #take({ kind, text }: Pick<Token, "kind" | "text">): boolean {
    const token = this.#tokens[this.#next];
    if (token?.kind !== kind || token.text !== text) return false;
    this.#next += 1;
    return true;
  }

  #unreadable(message: string, back = 0): Unreadable {
    return new Unreadable(this.#tokens[this.#next + back]?.at ?? this.#text.length, message);
  }
}
