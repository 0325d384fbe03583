/**
 * The picture under "Values are not equal": both values line by line, `-` for what was found and `+`
 * for what was expected. The lines are matched by their longest common subsequence, after the equal
 * lines at both ends are set aside.
 *
 * @module
 */
import { show } from "./_message.ts";

/** A comparison table with more cells than this is not worth its memory: everything counts as changed. */
const CELLS_MAX = 4_000_000;

type Sign = "-" | "+" | " ";
type Line = { sign: Sign; text: string };

/** Renders the difference between two values: a heading, then the signed lines. */
export function renderDiff(actual: unknown, expected: unknown): string {
  const areStrings = typeof actual === "string" && typeof expected === "string";
  const linesOf = areStrings ? stringLines : (value: unknown) => show(value).split("\n");
  const body = diffLines(linesOf(actual), linesOf(expected)).map(paintLine);
  const heading = `    ${paint("[Diff]", 90, 1)} ${paint("Actual", 31, 1)} / ${paint("Expected", 32, 1)}`;
  // The lines of a string end themselves, because a missing last newline is a difference too.
  return ["", "", heading, "", "", ...(areStrings ? [body.join("")] : body), ""].join("\n");
}

/** A string's lines with their control characters spelled out. */
function stringLines(value: unknown): string[] {
  const spelled = String(value).replace(/[\\\b\f\t\v]|\r\n|\r|\n/g, spellControl);
  return `${spelled}\n`.match(/[^\n]*\n/g) ?? [];
}

function spellControl(control: string): string {
  const name = control === "\v" ? "\\v" : JSON.stringify(control).slice(1, -1);
  return control.endsWith("\n") ? name + control : name;
}

function diffLines(actual: string[], expected: string[]): Line[] {
  const shorter = Math.min(actual.length, expected.length);
  let head = 0;
  while (head < shorter && actual[head] === expected[head]) head++;
  let tail = 0;
  while (tail < shorter - head && actual.at(-1 - tail) === expected.at(-1 - tail)) tail++;
  return [
    ...signed(" ", actual.slice(0, head)),
    ...diffMiddle(actual.slice(head, actual.length - tail), expected.slice(head, expected.length - tail)),
    ...signed(" ", actual.slice(actual.length - tail)),
  ];
}

/** Longest common subsequence by dynamic programming: `common[i][j]` counts what both have from there on. */
function diffMiddle(actual: string[], expected: string[]): Line[] {
  const width = expected.length + 1;
  if ((actual.length + 1) * width > CELLS_MAX) {
    return [...signed("-", actual), ...signed("+", expected)];
  }
  const common = new Uint32Array((actual.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = actual.length - 1; i >= 0; i--) {
    for (let j = expected.length - 1; j >= 0; j--) {
      const isSame = actual[i] === expected[j];
      common[i * width + j] = isSame ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < actual.length && j < expected.length) {
    if (actual[i] === expected[j]) {
      lines.push(...signed(" ", actual.slice(i, ++i)));
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) {
      lines.push(...signed("-", actual.slice(i, ++i)));
    } else {
      lines.push(...signed("+", expected.slice(j, ++j)));
    }
  }
  return [...lines, ...signed("-", actual.slice(i)), ...signed("+", expected.slice(j))];
}

function signed(sign: Sign, texts: string[]): Line[] {
  return texts.map((text) => ({ sign, text }));
}

function paintLine({ sign, text }: Line): string {
  const line = `${sign}   ${text}`;
  if (sign === " ") return line;
  return sign === "-" ? paint(line, 31, 1) : paint(line, 32, 1);
}

/** Wraps a text in ANSI colours, unless the user asked for none. */
export function paint(text: string, ...codes: number[]): string {
  return Deno.noColor ? text : `\x1b[${codes.join(";")}m${text}\x1b[0m`;
}
