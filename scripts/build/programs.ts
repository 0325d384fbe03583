/**
 * The three programs, what their binaries may do, and what their engine is told. Both are baked in: no flag at the start
 * widens the permissions, and nothing is ever asked for at a terminal.
 * @module
 */

/** A program that becomes a binary. */
export interface ProgramToBuild {
  name: "controller" | "agent" | "payload";
  permissions: readonly string[];
  /** What V8 is told, which decides about the memory more than about the speed; docs/platforms.md has the numbers. */
  engine: readonly string[];
  /** The pages that `scripts/web.ts` makes are in it. */
  hasDashboard?: true;
}

/** MiB for young objects. The usual 16 let a busy controller grow to 200 MB instead of 155, and win no time here. */
const YOUNG_OBJECTS = "--max-semi-space-size=2";

export const PROGRAMS: readonly ProgramToBuild[] = [
  {
    name: "controller",
    // Its files lie wherever --data and --config-file say, so paths can't be narrowed here; its unit does that. It can
    // start no program and load no library. The host's name is one of those that requests may be addressed to; uploads
    // stop before its disk is full (statfs).
    permissions: ["--allow-net", "--allow-env", "--allow-read", "--allow-write", "--allow-sys=hostname,statfs"],
    engine: [YOUNG_OBJECTS],
    hasDashboard: true,
  },
  {
    name: "agent",
    // Deno opens files in /proc, by which processes are told apart, only to a program that may do everything.
    permissions: ["--allow-all"],
    // It is on every host and rests most of the time: without the optimizing compiler it does so on 4 to 6 MiB less,
    // and what it carries costs no more time, as hot code still gets the middle one (Maglev).
    engine: ["--max-semi-space-size=1", "--no-opt"],
  },
  {
    name: "payload",
    // It reads one file at most, --config-file, and writes none.
    permissions: ["--allow-net", "--allow-env", "--allow-read"],
    engine: [YOUNG_OBJECTS],
  },
];
