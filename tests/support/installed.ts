/**
 * Which programs this machine has, for tests that need more than Deno.
 * @module
 */
import { granted } from "./granted.ts";

/** Whether a program is found as a shell would find it; never where tests may not look. */
export function isInstalled(program: string): boolean {
  if (!granted) return false;
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
      throw error;
    }
  });
}
