/**
 * A plan as people read it before they say yes: what becomes other in each spec, what is done for that and why, and
 * whether all of it would come to rest. Texts are made printable here.
 * @module
 */
import { differencesBetween } from "../../cluster/spec_change.ts";
import { ServiceSpec } from "../../cluster/service.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import type { Difference, Planned } from "../../wire/change.ts";
import { paint, type Tone } from "./paint.ts";
import { type PlanStep, stepsOf, type Verb } from "./plan_steps.ts";
import { plain, table, type TableStyle } from "./table.ts";

const STEPS_SHOWN = 40;
const WAITS_SHOWN = 20;
const VALUE_CHARACTERS_MAX = 1_000;

const TONES: Readonly<Record<Verb, Tone>> = {
  "start": "good",
  "replace": "warning",
  "move": "warning",
  "promote": "good",
  "roll back": "warning",
  "stop": "bad",
  "remove": "bad",
};

/** How the verbs are counted up. */
const COUNTED: Readonly<Record<Verb, string>> = {
  "start": "to start",
  "replace": "to replace",
  "move": "to move",
  "promote": "to promote",
  "roll back": "to roll back",
  "stop": "to stop",
  "remove": "to remove",
};

/** The plan, in lines. */
export function planPage(planned: Planned, style: TableStyle): string {
  const services = planned.services.map((service) => serviceLines(service, style)).join("");
  const steps = stepsOf(planned.actions);
  return [services, stepLines(steps, style), restLines(planned, { steps, style })].filter((part) => part !== "").join(
    "\n",
  );
}

/** Whether nothing would become other. */
export function isNothing({ services, actions }: Planned): boolean {
  return services.every(({ outcome }) => outcome === "unchanged") && actions.length === 0;
}

/** Whether something would be left without a place. */
export function isUnplaceable({ complete, waits }: Planned): boolean {
  return !complete && waits.some(({ kind }) => kind === "blocked");
}

function serviceLines({ name, outcome, generation, diff }: Planned["services"][number], style: TableStyle): string {
  const known = outcome === "created" || outcome === "unchanged" ? "" : `, generation ${generation}`;
  const word = outcome === "created" ? "new" : outcome;
  const head = `${printableLine(name)}  ${paint(`${word}${known}`, outcome === "created" ? "good" : "faint", style)}\n`;
  return head + diff.flatMap((one) => one.path === "" ? specOf(one.after) : [one])
    .map((one) => differenceLines(one, style)).join("");
}

/** The lines of a field that becomes other: what it was, what it will be. */
export function differenceLines({ path, before, after }: Difference, style: TableStyle): string {
  const line = (sign: string, value: unknown, tone: Tone) =>
    value === null || value === undefined
      ? ""
      : `${paint(`  ${sign} ${printableLine(path)}: ${valueText(value)}`, tone, style)}\n`;
  return line("−", before, "bad") + line("+", after, "good");
}

/** Of a new spec what isn't as usual. */
function specOf(spec: unknown): Difference[] {
  const parsed = ServiceSpec.safeParse(spec);
  if (!parsed.success) return [{ path: "spec", before: null, after: spec }];
  const { name, command, replicas, ...rest } = parsed.data;
  const usual = ServiceSpec.parse({ name, command });
  const others = differencesBetween(usual, { ...usual, ...rest }).map(({ path, after }) => ({
    path,
    before: null,
    after,
  }));
  return [
    { path: "command", before: null, after: command },
    { path: "replicas", before: null, after: replicas },
    ...others,
  ];
}

function valueText(value: unknown): string {
  const text = printableLine(JSON.stringify(value) ?? "");
  return text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX)}…` : text;
}

function stepLines(steps: readonly PlanStep[], style: TableStyle): string {
  if (steps.length === 0) return "";
  const rows = steps.slice(0, STEPS_SHOWN).map(({ verb, subject, where, reason }) => [
    { text: verb, tone: TONES[verb] },
    plain(subject),
    plain(where),
    plain(reason),
  ]);
  const more = steps.length - rows.length;
  const columns = ["STEP", "WHAT", "NODE", "WHY"].map((title) => ({ title }));
  return table(columns, rows, style) + (more > 0 ? `and ${more} more; -o json shows all\n` : "");
}

interface Rest {
  steps: readonly PlanStep[];
  style: TableStyle;
}

function restLines(planned: Planned, { steps, style }: Rest): string {
  const { waits, complete, cut_short } = planned;
  if (isNothing(planned)) return complete ? "Nothing to do: all is as wanted.\n" : waitLines(planned, style);
  const counted = Object.entries(COUNTED).flatMap(([verb, words]) => {
    const number = steps.filter((step) => step.verb === verb).length;
    return number === 0 ? [] : [`${number} ${words}`];
  });
  const sum = counted.length === 0 ? "No replica is touched" : counted.join(", ");
  const rest = complete
    ? "; then all is as wanted."
    : isUnplaceable(planned)
    ? "; then not all is as wanted:"
    : waits.length > 0
    ? "; then it waits:"
    : cut_short === null
    ? "; then it goes on."
    : ".";
  return `${sum}${rest}\n${waitLines(planned, style)}`;
}

function waitLines({ complete, waits, cut_short }: Planned, style: TableStyle): string {
  if (complete) return "";
  const shown = waits.slice(0, WAITS_SHOWN).map(({ service, slot, reason }) =>
    `  ${paint(printableLine(`${service}.${slot}`), "warning", style)} waits: ${printableLine(reason)}\n`
  );
  const more = waits.length > shown.length ? `  and ${waits.length - shown.length} more\n` : "";
  const cut = cut_short === null ? "" : `It was not played to its end: ${printableLine(cut_short)}.\n`;
  return `${shown.join("")}${more}${cut}`;
}
