/**
 * `controller explain web.3`: why a service, a replica or a node is as it is. First the one line that says it, then what
 * that comes of, each node's own reason, and what happened last.
 * @module
 */
import { oneOf } from "../../runtime/flag.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import type { ExplainView } from "../../wire/explain.ts";
import { moment } from "../render/moment.ts";
import { paint } from "../render/paint.ts";
import { reasons } from "../render/reasons.ts";
import type { TableStyle } from "../render/table.ts";
import { wrapped } from "../../runtime/terminal/wrap.ts";
import { command } from "./command.ts";
import { given } from "./changing/given.ts";

/** What a moment takes, with the space around it. */
const TIME_COLUMNS = 23;

export const explain = command({
  name: "explain",
  summary: "why a service, a replica or a node is as it is",
  details: "A replica is named by its service and slot, such as web.3, or by its id; a slot that nothing fills is " +
    "explained as well. Where a name is both a service and a node, --kind chooses.",
  words: [{ name: "service|replica|node", kind: "anything" }],
  flags: {
    kind: oneOf(["any", "service", "replica", "node"], {
      help: "What the name means, if it is several",
      default: "any",
    }),
  },
  examples: [{ line: "controller explain web.3", does: "why web.3 is where it is, or nowhere" }],
  act: async ({ client, words: [word], flags: { kind }, show, signal }) => {
    const name = given(word, "Cannot explain: name a service, a replica such as web.3, or a node");
    const found = await client.explain({ name, query: kind === "any" ? {} : { kind } }, { signal });
    await show(found, (screen) => page(found, screen));
  },
});

function page(found: ExplainView, style: TableStyle): string {
  const { kind, name, summary, because, placement, nodes = [], rollout, waits, events } = found;
  const said = [
    ...(placement === undefined ? [] : [`on ${placement.node} since ${moment(placement.since)}: ${placement.reason}`]),
    ...because,
    ...(rollout === undefined ? [] : [rollout]),
    ...waits,
  ];
  // What the summary says already, or comes twice, is no further reason.
  const told = [...new Set(said)].filter((reason) => !summary.includes(reason));
  const sections = [
    `${paint(`${kind} ${printableLine(name)}`, "heading", style)}\n${wrapped(summary, style)}`,
    told.length > 0 &&
    section("BECAUSE", told.map((reason) => wrapped(reason, { ...style, indent: "  ", hanging: "  " })), style),
    nodes.length > 0 &&
    reasons(["NODE", "WHY NOT THERE"], nodes.map(({ node, reason }) => ({ name: node, text: reason })), style),
    events.length > 0 && section("LATELY", eventLines(events, style), style),
  ];
  return sections.filter((section) => section !== false).join("\n");
}

function section(title: string, lines: readonly string[], style: TableStyle): string {
  return `${paint(title, "heading", style)}\n${lines.join("")}`;
}

/** The time, and beside it the text in lines of its own. */
function eventLines(events: ExplainView["events"], style: TableStyle): string[] {
  const { width } = style;
  return events.map(({ time, severity, text }) => {
    const told = wrapped(text, { width: width === undefined ? undefined : Math.max(1, width - TIME_COLUMNS) });
    const tone = severity === "warn" ? "warning" : "plain";
    const lines = told.trimEnd().split("\n").map((line) => paint(line, tone, style));
    const when = paint(printableLine(moment(time)), "faint", style);
    return `  ${when}  ${lines.join(`\n${" ".repeat(TIME_COLUMNS)}`)}\n`;
  });
}
