/**
 * The administrator's first token, made at the first secure start and kept in the data folder (`admin.token`): whoever may
 * read that file could read the authority's key beside it.
 * @module
 */
import { join } from "node:path";
import { writeFileAtomic } from "../../runtime/atomic_file.ts";
import { newSecret } from "../people/tokens.ts";

/** The token in the folder. */
export async function ownToken(folder: string): Promise<string> {
  const path = join(folder, "admin.token");
  try {
    const kept = (await Deno.readTextFile(path)).trim();
    if (kept !== "") return kept;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const token = newSecret();
  await writeFileAtomic(path, `${token}\n`, { mode: 0o600 });
  return token;
}
