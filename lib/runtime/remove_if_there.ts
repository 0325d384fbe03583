/**
 * Removing what may be gone already: afterwards it is, whoever did it.
 * @module
 */

/** Removes a file, or a folder with all that is in it. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Removes a file, where nothing may come in between. */
export function removeIfThereSync(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
