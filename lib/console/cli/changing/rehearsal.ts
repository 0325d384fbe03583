/**
 * What is said after the answer to a rehearsal, which reads like the answer to the real thing.
 * @module
 */

/** Says that nothing was done. */
export async function noteRehearsal({ note }: { note: (text: string) => Promise<void> }): Promise<void> {
  await note("Nothing was changed: this is what would be answered without --dry-run.");
}
