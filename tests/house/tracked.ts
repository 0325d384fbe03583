/**
 * The texts of the project: every file that git tracks or would track, but for binary ones and the lock file. The house
 * tests that look at words, whatever the kind of file, read them here.
 * @module
 */
import { granted } from "../support/granted.ts";
import { readText, ROOT } from "./source.ts";

/** One file. */
export interface Text {
  /** From the project's root, with slashes. */
  path: string;
  text: string;
}

const BINARY = /\.(png|jpg|ico|gif|woff2|gz|zip)$/;

/** All of them in the order of their paths; none when this run may not read, or isn't in a clone. */
export const texts: readonly Text[] = granted ? readTexts() : [];

function readTexts(): Text[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { success, stdout } = new Deno.Command("git", { args, cwd: ROOT }).outputSync();
  if (!success) return [];
  const paths = new TextDecoder().decode(stdout).split("\0").filter((path) => path !== "" && !BINARY.test(path));
  return paths.filter((path) => path !== "deno.lock").toSorted().flatMap((path) => {
    const text = readText(path);
    return text === undefined ? [] : [{ path, text }];
  });
}
