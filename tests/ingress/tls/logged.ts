/**
 * What is logged meanwhile.
 * @module
 */
import { setupLog } from "../../../lib/runtime/log.ts";

export interface LoggedLine {
  readonly level: string;
  /** The whole line. */
  readonly text: string;
}

export function logged(body: () => void): LoggedLine[] {
  const lines: LoggedLine[] = [];
  const stop = listenToLog((line) => lines.push(line));
  body();
  stop();
  return lines;
}

/** Returns what ends it. */
export function listenToLog(take: (line: LoggedLine) => void): () => void {
  const write = (text: string) => take({ level: JSON.parse(text).level, text });
  setupLog({ format: "json", level: "info", write, terminal: { isTerminal: false, colours: false } });
  return () => setupLog({ format: "json", level: "info", write: () => undefined });
}
