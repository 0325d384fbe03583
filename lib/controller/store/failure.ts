/**
 * What can be wrong with a store. The worker that holds the file throws these; as classes don't cross threads, they
 * travel as notes and become the same errors again on the other side. Who starts a controller shows the message and
 * exits: each says what to do.
 * @module
 */

/** The file is not, or no longer, what a controller has written. */
export class StoreDamagedError extends Error {
  override name = "StoreDamagedError";
}

/** Another process has the file open. */
export class StoreLockedError extends Error {
  override name = "StoreLockedError";
}

/** The file was written by a newer Muster. */
export class StoreNewerError extends Error {
  override name = "StoreNewerError";
}

/** The store does not work, or not any more: nothing is acknowledged after this. */
export class StoreFailedError extends Error {
  override name = "StoreFailedError";
}

/** More is waiting to be written than the store takes. Nothing was changed, and it may be tried again. */
export class StoreBusyError extends Error {
  override name = "StoreBusyError";
}

export function damaged(path: string, found: string, options?: ErrorOptions): StoreDamagedError {
  const advice = 'restore a backup, or move the file and its "-wal" away to begin a new cluster, which won\'t stop ' +
    "what runs";
  return new StoreDamagedError(`Cannot open the store ${path}: it ${found}; ${advice}`, options);
}

export function locked(path: string, options?: ErrorOptions): StoreLockedError {
  const advice = "stop that one, or give this one a folder of its own with --data";
  return new StoreLockedError(`Cannot open the store ${path}: another controller has it open; ${advice}`, options);
}

export function newer(path: string, { found, known }: { found: number; known: number }): StoreNewerError {
  const versions = `its schema is version ${found} and this controller knows up to ${known}`;
  const advice = "start the newer controller again, or restore a backup from before the upgrade";
  return new StoreNewerError(`Cannot open the store ${path}: ${versions}; ${advice}`);
}

export function closed(): StoreFailedError {
  return new StoreFailedError("Cannot use the store: it is closed; open it again");
}

/** An error as plain data. */
export interface FailureNote {
  name: string;
  message: string;
  cause: string | undefined;
}

export function noteOf(error: unknown): FailureNote {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), cause: undefined };
  const { name, message, cause } = error;
  return { name, message, cause: cause === undefined ? undefined : String(cause) };
}

/** The error that the note was made of. One of an unknown kind is a failure of the store. */
export function errorOf({ name, message, cause }: FailureNote): Error {
  const kinds = [StoreDamagedError, StoreLockedError, StoreNewerError];
  const Kind = kinds.find((kind) => kind.name === name) ?? StoreFailedError;
  return new Kind(message, { cause });
}
