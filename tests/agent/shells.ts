/**
 * The shells of this host that may be its `/bin/sh`: what the agent gives to that one has to mean the same to each.
 * @module
 */

const CANDIDATES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  dash: ["/bin/dash"],
  busybox: ["/bin/busybox", "sh"],
  bash: ["/bin/bash", "--posix"],
  sh: ["/bin/sh"],
};

/** A name to show and the words that begin the shell. */
export interface Shell {
  name: string;
  command: readonly [string, ...string[]];
}

/** Those that are installed. */
export function installedShells(): Shell[] {
  return Object.entries(CANDIDATES).filter(([, [path]]) => isThere(path)).map(([name, command]) => ({ name, command }));
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}
