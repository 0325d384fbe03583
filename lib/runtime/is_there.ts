/**
 * Whether a name is taken, for whoever must not replace what has it.
 * @module
 */

/** Whether there is anything of that name: a link that leads nowhere is something, too. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}
