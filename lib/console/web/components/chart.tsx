/**
 * Figures over time, drawn by uPlot on a canvas: it sets styles on elements alone, as the page's policy wants it, and
 * takes its colours from the style sheet, anew when the theme changes. What it shows last stands beside it as text.
 * @module
 */
import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { timeOfDay } from "../format.ts";
import { paints } from "../theme.ts";

const HEIGHT_PX = 132;
/** The course of less is drawn at the right edge. */
const SPAN_MIN_S = 60;
/** By which times are written below, whichever has room enough. */
const STEPS_S = [1, 5, 15, 30, 60, 120, 300, 900, 1_800, 3_600];

export interface Line {
  label: string;
  /** Its colour, by the style sheet. */
  color: "busy" | "warn" | "bad" | "muted";
  /** Null leaves a gap. */
  values: readonly (number | null)[];
  fill?: boolean;
}

export interface ChartProps {
  title: string;
  /** The value of now, in words. */
  now: string;
  /** In seconds since 1970. */
  times: readonly number[];
  lines: readonly Line[];
  format: (value: number) => string;
  /** How far apart the values may be that stand beside it. */
  steps: readonly number[];
}

export function Chart({ title, now, times, lines, format, steps }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const pointed = useSignal<number | undefined>(undefined);
  const plot = useRef<uPlot | undefined>(undefined);
  const data = [times, ...lines.map(({ values }) => values)] as uPlot.AlignedData;
  const paint = paints.value;
  const Plot = plotter.value;
  useEffect(() => void loadPlotter(), []);
  useEffect(() => {
    const parent = box.current;
    if (parent === null || Plot === undefined) return;
    const options = optionsOf(parent, { lines, format, steps });
    const setCursor = [({ cursor }: uPlot) => void (pointed.value = cursor.idx ?? undefined)];
    const made = new Plot({ ...options, hooks: { setCursor } }, data, parent);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: parent.clientWidth, height: HEIGHT_PX }));
    resized.observe(parent);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [paint, lines.length, Plot]);
  useEffect(() => plot.current?.setData(data), [times.at(-1), times.length]);
  return (
    <figure class="chart">
      <figcaption>
        <span>{title}</span>
        <strong>{pointed.value === undefined ? now : valuesAt(pointed.value, { times, lines, format })}</strong>
      </figcaption>
      <div ref={box} class="plot" role="img" aria-label={`${title}: ${now}`} />
      {lines.length > 1 && (
        <div class="chart-key">
          {lines.map(({ label, color }) => <span key={label} class={color}>{label}</span>)}
        </div>
      )}
    </figure>
  );
}

/** What is read off the chart, where somebody points. */
function valuesAt(at: number, { times, lines, format }: Pick<ChartProps, "times" | "lines" | "format">): string {
  const values = lines.map(({ values }) => values[at] ?? undefined).map((value) =>
    value === undefined ? "–" : format(value)
  );
  return `${clock(times[at] ?? 0)}  ${values.join(" · ")}`;
}

/** By far the largest part of the dashboard, and most pages have no charts: it comes with the first one. */
const plotter = signal<typeof uPlot | undefined>(undefined);

async function loadPlotter(): Promise<void> {
  try {
    plotter.value ??= (await import("uplot")).default;
  } catch (error) {
    // The controller went away meanwhile; the figures stand beside the charts, and the next chart tries again.
    if (!(error instanceof TypeError)) throw error;
  }
}

function optionsOf(
  parent: HTMLElement,
  { lines, format, steps }: Pick<ChartProps, "lines" | "format" | "steps">,
): uPlot.Options {
  const muted = colorOf(parent, "--muted");
  const grid = { stroke: colorOf(parent, "--line"), width: 1 };
  const axis = { stroke: muted, grid, ticks: { show: false }, font: "11px system-ui, sans-serif" };
  return {
    width: parent.clientWidth,
    height: HEIGHT_PX,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: ({ data: [times] }) => spanOf(times) },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.15 : 1] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        space: 70,
        grid: { show: false },
        incrs: STEPS_S,
        values: (_plot, splits) => splits.map(clock),
      },
      { ...axis, size: 56, space: 32, incrs: [...steps], values: (_plot, splits) => splits.map(format) },
    ],
    series: [
      { label: "time" },
      ...lines.map(({ label, color, fill }) => ({
        label,
        stroke: colorOf(parent, `--${color}`),
        width: 1.75,
        points: { show: false },
        ...(fill === true && { fill: colorOf(parent, `--${color}-soft`) }),
      })),
    ],
  };
}

/** From the first to the last; uPlot by itself would give a lone point a whole day. */
function spanOf(times: ArrayLike<number>): [number, number] {
  const last = times[times.length - 1] ?? 0;
  return [Math.min(times[0] ?? last, last - SPAN_MIN_S), last];
}

function clock(second: number): string {
  return timeOfDay(new Date(second * 1_000).toISOString());
}

/** A variable of the style sheet as a canvas understands it: `light-dark()` is resolved where it is used as a colour. */
function colorOf(parent: HTMLElement, variable: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(${variable})`;
  parent.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
