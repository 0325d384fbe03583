/**
 * Text from outside: names, reasons, log lines, whatever a workload or another operator wrote. It is text and nothing
 * else, its direction of writing ends with it, and however long it is it breaks.
 * @module
 */
import { printable } from "../../../runtime/sanitize.ts";

/** On one line, cut off with an ellipsis where there is no room, and in full for who points at it. */
export function Name({ text, code }: { text: string; code?: true }) {
  const shown = printable(text);
  return <bdi class={code ? "name code" : "name"} title={shown.slice(0, 1_000)}>{shown}</bdi>;
}

/** On as many lines as it takes. */
export function Prose({ text, class: kind = "" }: { text: string; class?: string }) {
  return <bdi class={`prose ${kind}`}>{printable(text)}</bdi>;
}
