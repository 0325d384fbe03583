/**
 * Colour, sparingly: what is wrong stands out, what is secondary steps back, all else is plain. Whether there is colour
 * at all is decided once per stream, by `screen.ts`; a pipe gets the same text without it.
 * @module
 */
import { styleText } from "node:util";

/** What a text means; how that looks is decided here alone. */
export type Tone = "plain" | "faint" | "good" | "warning" | "bad" | "heading";

const STYLES = { faint: "dim", good: "green", warning: "yellow", bad: "red", heading: "dim" } as const;

/** Colours that tell neighbours apart, for the names before log lines. */
const NEIGHBOURS = ["cyan", "magenta", "blue", "green", "yellow"] as const;

/** The text in its tone. */
export function paint(text: string, tone: Tone, { colours }: { colours: boolean }): string {
  if (!colours || tone === "plain" || text === "") return text;
  // Whether this stream shows colours is known already, and it may be another than the one Node would look at.
  return styleText(STYLES[tone], text, { validateStream: false });
}

/** The text in the colour of the nth of several. */
export function paintNth(text: string, nth: number, { colours }: { colours: boolean }): string {
  const style = NEIGHBOURS[nth % NEIGHBOURS.length] ?? NEIGHBOURS[0];
  return colours ? styleText(style, text, { validateStream: false }) : text;
}
