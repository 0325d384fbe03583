/**
 * Labels as a text that one edits, a line for each, and what has to be asked for to get from those that a node has to
 * those in the text. The controller checks them; here they are only taken apart.
 * @module
 */

import { shellWord } from "./shell_word.ts";

export type LabelChanges =
  /** Null takes one away. */
  | { kind: "ok"; labels: Record<string, string | null> }
  | { kind: "faulty"; reason: string };

export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`).toSorted().join("\n");
}

export function labelChanges(before: Readonly<Record<string, string>>, text: string): LabelChanges {
  const after = new Map<string, string>();
  for (const line of text.split("\n").map((line) => line.trim()).filter((line) => line !== "")) {
    const at = line.indexOf("=");
    if (at <= 0 || at === line.length - 1) {
      return { kind: "faulty", reason: `"${line.slice(0, 60)}" is not of the form key=value` };
    }
    after.set(line.slice(0, at), line.slice(at + 1));
  }
  const removed = Object.keys(before).filter((key) => !after.has(key)).map((key): [string, null] => [key, null]);
  const set = [...after].filter(([key, value]) => before[key] !== value);
  return { kind: "ok", labels: Object.fromEntries([...set, ...removed]) };
}

/** The command that does the same. */
export function labelsCommand(node: string, labels: Readonly<Record<string, string | null>>): string {
  const wishes = Object.entries(labels).map(([key, value]) => value === null ? `${key}-` : `${key}=${value}`);
  return ["controller node label", ...[node, ...wishes].map(shellWord)].join(" ");
}
