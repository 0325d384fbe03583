/**
 * How large the terminal is, as it is now.
 * @module
 */

/** The columns and lines; undefined where it doesn't know its size, or says 0. */
export function terminalSize(): { columns: number | undefined; rows: number | undefined } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || undefined, rows: rows || undefined };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { columns: undefined, rows: undefined };
  }
}
