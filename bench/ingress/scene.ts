/**
 * A candidate in front of the replica that all have, both on ports of their own.
 * @module
 */
import type { Candidate } from "./peers.ts";
import { denoCommand, freePort, LOAD_CORE, type Program, type Start, startProgram } from "./program.ts";

export async function startReplica(start: Pick<Start, "prefix" | "ready"> = {}): Promise<Program> {
  const port = freePort();
  return await startProgram({ command: denoCommand("replica.ts", port), port, cores: LOAD_CORE, ...start });
}

export async function startCandidate(
  candidate: Candidate,
  { replica, folder }: { replica: Program; folder: string },
): Promise<Program> {
  const port = freePort();
  const command = await candidate.command({ port, replica: { hostname: "127.0.0.1", port: replica.port }, folder });
  return await startProgram({
    command,
    port,
    env: { XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, ...candidate.env },
  });
}
