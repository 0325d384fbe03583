/**
 * Bars beside one another, as SVG: a group for each kind of work, a bar for each candidate, each group with a scale of its
 * own that begins at nothing.
 * @module
 */
import { type Drawn, shown } from "./report.ts";

const WIDTH = 720;
const LEFT = 160;
const RIGHT = 90;
const TOP = 16;
const TITLE_HEIGHT = 34;
const BAR_HEIGHT = 18;
const STEP = 26;
const GAP = 18;
const OWN = "Muster";
const COLOURS = { own: "#2563eb", other: "#94a3b8" };

export function drawBars(groups: readonly Drawn[]): string {
  const parts: string[] = [];
  let y = TOP;
  for (const group of groups) {
    parts.push(...groupAt(group, y));
    y += TITLE_HEIGHT + STEP * group.bars.length + GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${y}" fill="#ffffff"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function groupAt({ title, unit, bars }: Drawn, y: number): string[] {
  const most = Math.max(...bars.map(({ value }) => value));
  const heading = `<text x="${LEFT}" y="${y + 18}" font-size="14">${title}: ${unit}</text>`;
  return [
    heading,
    ...bars.flatMap(({ name, value }, at) => {
      const top = y + TITLE_HEIGHT + STEP * at;
      const width = Math.round((WIDTH - LEFT - RIGHT) * value / most);
      const colour = name.startsWith(OWN) ? COLOURS.own : COLOURS.other;
      const middle = top + BAR_HEIGHT - 5;
      return [
        `<text x="${LEFT - 8}" y="${middle}" text-anchor="end">${name}</text>`,
        `<rect x="${LEFT}" y="${top}" width="${width}" height="${BAR_HEIGHT}" fill="${colour}"/>`,
        `<text x="${LEFT + width + 6}" y="${middle}">${shown(value)}</text>`,
      ];
    }),
  ];
}
