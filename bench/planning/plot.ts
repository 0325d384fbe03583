/**
 * Lines over two logarithmic axes, as SVG: for costs that should not grow with what lies on the horizontal one.
 * @module
 */

export interface Drawn {
  name: string;
  points: { x: number; y: number }[];
}

export interface PlotWords {
  title: string;
  x: string;
  y: string;
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 80;
const RIGHT = 230;
const TOP = 50;
const BOTTOM = 60;
const COLOURS = ["#2563eb", "#059669", "#d97706", "#dc2626"];

export function drawLines(lines: readonly Drawn[], { title, x, y }: PlotWords): string {
  const across = axisOf(lines.flatMap(({ points }) => points.map((point) => point.x)), {
    from: LEFT,
    to: WIDTH - RIGHT,
  });
  const up = axisOf(lines.flatMap(({ points }) => points.map((point) => point.y)), {
    from: HEIGHT - BOTTOM,
    to: TOP,
  });
  const middle = (LEFT + WIDTH - RIGHT) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="28" font-size="16">${title}</text>`,
    ...across.ticks.flatMap(({ at, label }) => [
      `<line x1="${at}" y1="${TOP}" x2="${at}" y2="${HEIGHT - BOTTOM}" stroke="#e5e7eb"/>`,
      `<text x="${at}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${label}</text>`,
    ]),
    ...up.ticks.flatMap(({ at, label }) => [
      `<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="#e5e7eb"/>`,
      `<text x="${LEFT - 8}" y="${at + 4}" text-anchor="end">${label}</text>`,
    ]),
    `<text x="${middle}" y="${HEIGHT - 14}" text-anchor="middle">${x}</text>`,
    `<text transform="translate(18 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${y}</text>`,
    ...lines.flatMap((line, at) => lineOf(line, { at, across, up })),
    "</svg>",
    "",
  ].join("\n");
}

interface Axis {
  place: (value: number) => number;
  ticks: { at: number; label: string }[];
}

/** From the power of ten below the least value to the one above the largest. */
function axisOf(values: number[], { from, to }: { from: number; to: number }): Axis {
  const least = Math.floor(Math.log10(Math.min(...values)));
  const most = Math.ceil(Math.log10(Math.max(...values)));
  const place = (value: number) => from + (Math.log10(value) - least) / (most - least) * (to - from);
  const powers = Array.from({ length: most - least + 1 }, (_, at) => 10 ** (least + at));
  const ticks = powers.map((power) => ({
    at: rounded(place(power)),
    label: Number(power.toPrecision(1)).toLocaleString("en"),
  }));
  return { place: (value) => rounded(place(value)), ticks };
}

function lineOf({ name, points }: Drawn, { at, across, up }: { at: number; across: Axis; up: Axis }): string[] {
  const colour = COLOURS[at % COLOURS.length];
  const placed = points.map(({ x, y }) => `${across.place(x)},${up.place(y)}`);
  const last = points.at(-1);
  const labelAt = TOP + 16 + 22 * at;
  return last === undefined ? [] : [
    `<polyline points="${placed.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...placed.map((point) =>
      `<circle cx="${point.split(",")[0]}" cy="${point.split(",")[1]}" r="3" fill="${colour}"/>`
    ),
    `<line x1="${WIDTH - RIGHT + 16}" y1="${labelAt}" x2="${
      WIDTH - RIGHT + 36
    }" y2="${labelAt}" stroke="${colour}" stroke-width="2"/>`,
    `<text x="${WIDTH - RIGHT + 42}" y="${labelAt + 4}">${name}</text>`,
  ];
}

function rounded(place: number): number {
  return Math.round(place * 10) / 10;
}
