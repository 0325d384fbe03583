/**
 * A recording of a terminal as an SVG: each run of text in one style becomes a piece of text at its column, so that columns
 * stand whatever the font. Only the styles that the demo uses are known.
 * @module
 */
// deno-lint-ignore-file no-control-regex -- escape sequences are what is read here
import { END, motionOf } from "./motion.ts";
import type { Recording } from "./recording.ts";

const FONT_SIZE = 13;
const COLUMN = 7.83;
const LINE = 18;
const MARGIN = 20;
const BAR = 36;
/** What a screen of a page shows at once. */
const ROWS = 26;

/** Colours by their SGR numbers. */
const COLOURS = {
  31: "red",
  32: "green",
  33: "yellow",
  34: "blue",
  35: "magenta",
  36: "cyan",
  90: "gray",
  93: "orange",
  94: "violet",
  95: "pink",
  96: "brown",
} as const;
const BOLD = 1;
const BOLD_ENDS = 22;
const COLOUR_ENDS = 39;

const FONT = `${FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace`;

/** What is painted how; a class of the picture each. */
type Palette = Readonly<Record<"card" | "edge" | "text" | (typeof COLOURS)[keyof typeof COLOURS], string>>;

const LIGHT: Palette = {
  card: "#fbfbfa",
  edge: "#d4d4d0",
  text: "#24292f",
  gray: "#6e7781",
  red: "#c5221f",
  green: "#1a7f37",
  yellow: "#8a6100",
  blue: "#0b5cc4",
  magenta: "#8a3ab9",
  cyan: "#0a7685",
  orange: "#b3500b",
  violet: "#5b51d8",
  pink: "#bf2f7d",
  brown: "#7d5143",
};

const DARK: Palette = {
  card: "#15181d",
  edge: "#333a44",
  text: "#d8dee6",
  gray: "#8b949e",
  red: "#ff7b72",
  green: "#56d364",
  yellow: "#e3b341",
  blue: "#79c0ff",
  magenta: "#d2a8ff",
  cyan: "#5ed3e0",
  orange: "#ffa657",
  violet: "#a5b4ff",
  pink: "#ff9bce",
  brown: "#cdb38b",
};

interface Piece {
  column: number;
  text: string;
  styles: string[];
}

/** The moving picture of a terminal in which that was printed. */
export function svgOf({ lines, frames }: Recording, { title }: { title: string }): string {
  const rows = lines.map(piecesOf);
  const columns = Math.max(...rows.flat().map(({ column, text }) => column + widthOf(text)));
  const width = Math.ceil(columns * COLUMN + 2 * MARGIN);
  const inside = ROWS * LINE;
  const height = BAR + inside + MARGIN;
  const texts = rows.flatMap((pieces, row) => pieces.map((piece) => textAt(piece, row * LINE + FONT_SIZE)));
  return `<svg xmlns="http://www.w3.org/2000/svg" id="${END}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>${escaped(title)}</title>
<style>
text{font:${FONT};white-space:pre}.bold{font-weight:700}
${rulesOf(LIGHT)}
@media(prefers-color-scheme:dark){${rulesOf(DARK)}}
${motionOf(frames, { rows: ROWS, lineHeight: LINE })}
</style>
<clipPath id="inside"><rect width="${width}" height="${inside}"/></clipPath>
<rect class="card" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="9"/>
${[20, 38, 56].map((x) => `<circle class="dot" cx="${x}" cy="18" r="5.5"/>`).join("")}
<g transform="translate(0 ${BAR})" clip-path="url(#inside)">
<g class="scroll">
${texts.join("\n")}
</g>
<g class="curtain"><rect class="cover" x="1" width="${width - 2}" height="${inside}"/></g>
</g>
</svg>
`;
}

function rulesOf(palette: Palette): string {
  const { card, edge, ...inks } = palette;
  const rules = Object.entries(inks).map(([ink, colour]) => `.${ink}{fill:${colour}}`);
  return `.card{fill:${card};stroke:${edge}}.cover{fill:${card}}.dot{fill:${edge}}${rules.join("")}`;
}

function textAt({ column, text, styles }: Piece, y: number): string {
  const x = (MARGIN + column * COLUMN).toFixed(1);
  const length = (widthOf(text) * COLUMN).toFixed(1);
  // The length is given so that a font of other proportions fits too.
  return `<text x="${x}" y="${y}" class="${styles.join(" ")}" textLength="${length}" lengthAdjust="spacingAndGlyphs">${
    escaped(text)
  }</text>`;
}

/** A line in pieces of one style each; what only separates them is left out. */
function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = [];
  let column = 0;
  let bold: string[] = [];
  let colour = "text";
  for (const part of line.split(/(\x1b\[\d+m)/)) {
    const code = Number(/^\x1b\[(\d+)m$/.exec(part)?.[1] ?? Number.NaN);
    if (code === BOLD_ENDS) bold = [];
    else if (code === COLOUR_ENDS) colour = "text";
    else if (code === BOLD) bold = ["bold"];
    else if (!Number.isNaN(code)) colour = colourOf(code);
    else {
      // Wide gaps part a line, lest columns of a table drift with the font.
      for (const [text] of part.matchAll(/\S+(?: \S+)*|\s+/g)) {
        if (text.trim() !== "") pieces.push({ column, text, styles: [...bold, colour] });
        column += widthOf(text);
      }
    }
  }
  return pieces;
}

function colourOf(code: number): string {
  const colours: Readonly<Record<number, string>> = COLOURS;
  return colours[code] ?? "text";
}

function widthOf(text: string): number {
  return [...text].length;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
