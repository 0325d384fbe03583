/**
 * How what was followed ended, in lines that stay on the screen: done and how long it took, or the reason with the last
 * lines of the replica by which it failed, or why each node has no room. All that comes from outside is made printable.
 * @module
 */
import { formatDuration } from "../../../runtime/duration.ts";
import { printableLine } from "../../../runtime/sanitize.ts";
import type { Client } from "../../../wire/client/client.ts";
import { ApiRefusal, Unreachable } from "../../../wire/client/problem_error.ts";
import type { ExplainView } from "../../../wire/explain.ts";
import { counted } from "../../render/amount.ts";
import { paint } from "../../render/paint.ts";
import type { Screen } from "../screen.ts";
import type { Ending } from "./standing.ts";

const LAST_LINES = 10;
const NODES_SHOWN = 20;

interface Told {
  lastLines: readonly string[];
  tookMs: number;
  screen: Screen;
}

interface Unplaced {
  /** How many replicas are assigned to no node. */
  missing: number;
  screen: Screen;
}

/** How it ended, with its last lines. */
export function endingLines(ending: Ending, { lastLines, tookMs, screen }: Told): string[] {
  const took = paint(`(${formatDuration(tookMs)})`, "faint", screen);
  const text = printableLine(ending.text);
  switch (ending.kind) {
    case "reached":
      return [`${paint("✓", "good", screen)} ${text}  ${took}`];
    case "held":
      return [`${paint("‖", "warning", screen)} ${text}  ${took}`, `  ${printableLine(ending.next)}`];
    case "failed":
      return [
        `${paint("✗", "bad", screen)} ${text}  ${took}`,
        ...(lastLines.length === 0 ? [] : ["  its last lines:"]),
        ...lastLines.map((line) => `    ${paint(printableLine(line), "faint", screen)}`),
        ...(ending.next === undefined ? [] : [`  ${printableLine(ending.next)}`]),
      ];
    default:
      return ending satisfies never;
  }
}

/** That there is no place, and why: each node with its own reason. */
export function unplacedLines({ name, nodes = [] }: ExplainView, { missing, screen }: Unplaced): string[] {
  const shown = nodes.slice(0, NODES_SHOWN).map(({ node, reason }) => `  ${printableLine(`${node}: ${reason}`)}`);
  const more = nodes.length > NODES_SHOWN ? [`  and ${nodes.length - NODES_SHOWN} more nodes`] : [];
  const which = missing > 0 ? counted(missing, "replica") : "what is to replace the others";
  return [
    `${paint("✗", "bad", screen)} ${printableLine(name)}: no place for ${which}`,
    ...(shown.length === 0 ? ["  there are no nodes: add one"] : shown),
    ...more,
    "  It is placed as soon as there is room.",
  ];
}

/** The last lines of the replica by which it failed: as they are known already, or as its node has them. */
export async function lastLinesOf(
  { lastWords, replica }: Extract<Ending, { kind: "failed" }>,
  { client, signal }: { client: Pick<Client, "readReplicaLogs">; signal: AbortSignal },
): Promise<readonly string[]> {
  if (lastWords.length > 0 || replica === undefined) return lastWords.slice(-LAST_LINES);
  const lines: string[] = [];
  try {
    for await (const { line } of client.readReplicaLogs({ id: replica, query: { tail: LAST_LINES } }, { signal })) {
      lines.push(line);
    }
  } catch (error) {
    // It may be gone, or its node: the reason is said without them.
    if (!(error instanceof ApiRefusal) && !(error instanceof Unreachable)) throw error;
  }
  return lines.slice(-LAST_LINES);
}
