/**
 * The last lines that a replica wrote, for who asks why it ended or does not get ready. What it wrote to its error
 * output comes last: that is where programs say what is wrong.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";
import { logPath, readTail } from "./log_file.ts";

const LINES_MAX = 10;
const LINE_MAX = 300;
const BYTES_MAX = 8_192;

/** Never throws: a log that can't be read has no words. */
export async function lastWordsOf(folder: string, replica: string): Promise<string[]> {
  try {
    const [out, err] = await Promise.all([
      endOf(logPath(folder, replica, "out")),
      endOf(logPath(folder, replica, "err")),
    ]);
    const lines = [...out, ...err].map((line) => printableLine(line).slice(0, LINE_MAX));
    return lines.filter((line) => line !== "").slice(-LINES_MAX);
  } catch (error) {
    // The file may be refused, or lie on a disk that is gone.
    if (!(error instanceof Error)) throw error;
    return [];
  }
}

async function endOf(path: string): Promise<string[]> {
  const tail = await readTail(path, BYTES_MAX);
  return new TextDecoder().decode(tail?.bytes).split("\n");
}
