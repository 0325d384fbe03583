/**
 * The three programs and what their binaries may do. The permissions are baked in: no flag at the start widens them, and
 * nothing is ever asked for at a terminal.
 * @module
 */

/** A program that becomes a binary. */
export interface ProgramToBuild {
  name: "controller" | "agent" | "payload";
  permissions: readonly string[];
}

export const PROGRAMS: readonly ProgramToBuild[] = [
  {
    name: "controller",
    // Its files lie wherever --data and --config-file say, so paths can't be narrowed here; its unit does that. It can
    // start no program and load no library. The host's name is one of those that requests may be addressed to.
    permissions: ["--allow-net", "--allow-env", "--allow-read", "--allow-write", "--allow-sys=hostname"],
  },
  {
    name: "agent",
    // Deno opens files in /proc, by which processes are told apart, only to a program that may do everything.
    permissions: ["--allow-all"],
  },
  {
    name: "payload",
    // It reads one file at most, --config-file, and writes none.
    permissions: ["--allow-net", "--allow-env", "--allow-read"],
  },
];
