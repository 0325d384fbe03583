/**
 * Times of the fault table. A test holds what it measured against the row's bound times a slack for busy machines; the
 * measured times themselves are appended to the file that MUSTER_CHAOS_TIMES names, so that they can be told.
 * @module
 */
import { assert } from "@std/assert";

/** What a machine with two busy cores may take beyond the row's own bound. */
const SLACK = 3;

/** Fails when something took far longer than its row allows. */
export function assertWithin(row: string, { tookMs, boundMs }: { tookMs: number; boundMs: number }): void {
  tell(`${row}: ${Math.round(tookMs)} ms, the row allows ${Math.round(boundMs)} ms`);
  assert(tookMs <= boundMs * SLACK, `${row}: took ${Math.round(tookMs)} ms, the row allows ${boundMs} ms`);
}

/** Notes something measured. */
export function tell(text: string): void {
  const path = Deno.env.get("MUSTER_CHAOS_TIMES");
  if (path !== undefined) Deno.writeTextFileSync(path, `${text}\n`, { append: true });
}
