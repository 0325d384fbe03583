/**
 * What `doctor` finds: what is wrong, where, and what mends it. A check gives its findings; one without is fine.
 * @module
 */
import type { Client } from "../../../wire/client/client.ts";
import type { Io } from "../command.ts";
import type { OpenClient } from "../connection/open_client.ts";

export interface Finding {
  /** A problem keeps something from working; a warning may come to that. */
  level: "problem" | "warning";
  what: string;
  where: string;
  remedy: string;
}

/** What a check looks at. */
export interface Patient {
  client: Client;
  connection: OpenClient["connection"];
  io: Pick<Io, "env" | "modeOf">;
  signal: AbortSignal;
}

export interface Check {
  /** What is fine when nothing is found. */
  fine: string;
  examine(patient: Patient): Promise<Finding[]>;
}

export function problem(what: string, where: string, { remedy }: { remedy: string }): Finding {
  return { level: "problem", what, where, remedy };
}

export function warning(what: string, where: string, { remedy }: { remedy: string }): Finding {
  return { level: "warning", what, where, remedy };
}
