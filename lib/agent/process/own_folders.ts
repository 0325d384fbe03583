/**
 * The folders that a replica finds for itself in the agent's data folder: `slots/<service>.<slot>`, which stays with the
 * slot whatever process fills it and is never removed by Muster, and `files/<replica>`, whose files are written anew
 * before each start and go with the replica.
 * @module
 */
import { join, resolve } from "node:path";

/** The folder that keeps a slot's data. */
export function slotFolder(dataFolder: string, { service, slot }: { service: string; slot: number }): string {
  return resolve(dataFolder, "slots", `${service}.${slot}`);
}

/** The folder of the files that are written for a replica. */
export function filesFolder(dataFolder: string, replica: string): string {
  return resolve(dataFolder, "files", replica);
}

/** Makes a folder for nobody but this user, or makes sure that it is so. */
export function makeOwnFolder(path: string): void {
  Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o700);
}

/** Writes a replica's files, and nothing else is left in their folder. */
export function writeFiles(dataFolder: string, replica: string, files: ReadonlyMap<string, string>): void {
  const folder = filesFolder(dataFolder, replica);
  removeFiles(dataFolder, replica);
  makeOwnFolder(folder);
  for (const [name, text] of files) {
    Deno.writeTextFileSync(join(folder, name), text, { createNew: true, mode: 0o600 });
  }
}

/** Removes what was written for a replica. */
export function removeFiles(dataFolder: string, replica: string): void {
  try {
    Deno.removeSync(filesFolder(dataFolder, replica), { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Removes what was written for replicas that are here no more. */
export function removeStrayFiles(dataFolder: string, isHeld: (replica: string) => boolean): void {
  try {
    for (const { name } of Deno.readDirSync(resolve(dataFolder, "files"))) {
      if (!isHeld(name)) removeFiles(dataFolder, name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
