/**
 * A virtual process and what its program does.
 * @module
 */

/** What a virtual program does. */
export interface Program {
  readyAfterMs: number;
  /** It ends by itself after this time. */
  crashAfterMs: number | undefined;
  /** How long it takes to end once asked; undefined: it never does. */
  endsAfterMs: number | undefined;
}

export interface Process {
  pid: number;
  instance: string;
  replica: string;
  identity: string;
  startedMs: number;
  program: Program;
}
