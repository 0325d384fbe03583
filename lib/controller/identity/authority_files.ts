/**
 * The authority as it is kept, in `<data>/authority/`: `authority.{pem,key}` signs; while it is replaced, `next.{pem,key}`
 * is trusted and will sign, then `former.pem` is trusted and signs no more; `rotation.json` says how far that is. Each
 * step begins or ends with that file, so that one which was broken off is completed, or forgotten, at the next start.
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { writeFileAtomic } from "../../runtime/atomic_file.ts";
import type { KeyPair } from "../../wire/certificates.ts";
import { removeIfThere } from "../../runtime/remove_if_there.ts";

const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;

/** How far a replacement is, and since when. */
const RotationRecord = z.object({
  phase: z.enum(["announced", "switched", "done"]),
  since: z.iso.datetime(),
  /** The newer authority's key, certified by the older one. */
  vouched: z.string(),
});
export type RotationRecord = z.infer<typeof RotationRecord>;

export interface KeptAuthorities {
  /** Signs. */
  authority: KeyPair;
  /** Will sign; while its replacement is announced. */
  next: KeyPair | undefined;
  /** The certificate of the one before; while not all have turned from it. */
  former: string | undefined;
  rotation: RotationRecord | undefined;
}

/** What changes files; each step leaves a whole file or none. */
export interface Disk {
  write: (path: string, content: string, options: { mode: number }) => Promise<void>;
  remove: (path: string) => Promise<void>;
}

/** The files in a folder. */
export interface AuthorityPlace {
  folder: string;
  disk: Disk;
}

/** The authority's place in the controller's data folder. */
export function placeIn(data: string): AuthorityPlace {
  return { folder: join(data, "authority"), disk: { write: writeFileAtomic, remove: removeIfThere } };
}

/** What is kept there, brought in order; the first time, what `makeFirst` gives. */
export async function openAuthorityFiles(
  place: AuthorityPlace,
  makeFirst: () => Promise<KeyPair>,
): Promise<KeptAuthorities> {
  const { folder, disk } = place;
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  // What a kill left half written may hold a part of a key.
  for await (const { name } of Deno.readDir(folder)) if (name.endsWith(".tmp")) await disk.remove(join(folder, name));
  if (await readIfThere(join(folder, "authority.pem")) === undefined) {
    await writePair(place, { name: "authority", pair: await makeFirst() });
  }
  const rotation = await readRotation(folder);
  if (rotation?.phase === "switched") await completeSwitch(place);
  else if (rotation?.phase === "announced") await disk.remove(join(folder, "former.pem"));
  else for (const name of ["next.key", "next.pem", "former.pem"]) await disk.remove(join(folder, name));
  return await readAuthorityFiles(place);
}

/** Keeps in an empty folder what was kept in another. */
export async function writeAuthorityFiles(place: AuthorityPlace, kept: KeptAuthorities): Promise<void> {
  const { authority, next, former, rotation } = kept;
  await Deno.mkdir(place.folder, { recursive: true, mode: 0o700 });
  if (next !== undefined) await writePair(place, { name: "next", pair: next });
  if (former !== undefined) await place.disk.write(join(place.folder, "former.pem"), former, { mode: PUBLIC_MODE });
  if (rotation !== undefined) await writeRotation(place, rotation);
  await writePair(place, { name: "authority", pair: authority });
}

/** What is kept in a folder that is in order. */
export async function readAuthorityFiles({ folder }: AuthorityPlace): Promise<KeptAuthorities> {
  const rotation = await readRotation(folder);
  return {
    authority: await readPair(folder, "authority"),
    next: rotation?.phase === "announced" ? await readPair(folder, "next") : undefined,
    former: rotation?.phase === "switched" ? await Deno.readTextFile(join(folder, "former.pem")) : undefined,
    rotation,
  };
}

/** A new authority is trusted from now on, and will sign. */
export async function announce(
  place: AuthorityPlace,
  { next, ...record }: { next: KeyPair; since: string; vouched: string },
): Promise<void> {
  await writePair(place, { name: "next", pair: next });
  await writeRotation(place, { phase: "announced", ...record });
}

/** The new authority signs from now on. */
export async function switchOver(place: AuthorityPlace, record: Omit<RotationRecord, "phase">): Promise<void> {
  await writeRotation(place, { phase: "switched", ...record });
  await completeSwitch(place);
}

/** The former authority is trusted no more. */
export async function finish(place: AuthorityPlace, record: Omit<RotationRecord, "phase">): Promise<void> {
  await writeRotation(place, { phase: "done", ...record });
  await place.disk.remove(join(place.folder, "former.pem"));
}

/** Can be done again from wherever it was broken off: `next.pem` goes last. */
async function completeSwitch({ folder, disk }: AuthorityPlace): Promise<void> {
  const next = await readIfThere(join(folder, "next.pem"));
  if (next === undefined) return;
  const current = await Deno.readTextFile(join(folder, "authority.pem"));
  if (current !== next) {
    await disk.write(join(folder, "former.pem"), current, { mode: PUBLIC_MODE });
    await writePair({ folder, disk }, { name: "authority", pair: await readPair(folder, "next") });
  }
  await disk.remove(join(folder, "next.key"));
  await disk.remove(join(folder, "next.pem"));
}

/** The certificate last: where it is, there is its key. */
async function writePair(
  { folder, disk }: AuthorityPlace,
  { name, pair }: { name: "authority" | "next"; pair: KeyPair },
): Promise<void> {
  await disk.write(join(folder, `${name}.key`), pair.key, { mode: SECRET_MODE });
  await disk.write(join(folder, `${name}.pem`), pair.certificate, { mode: PUBLIC_MODE });
}

async function writeRotation({ folder, disk }: AuthorityPlace, record: RotationRecord): Promise<void> {
  await disk.write(join(folder, "rotation.json"), `${JSON.stringify(record)}\n`, { mode: SECRET_MODE });
}

async function readPair(folder: string, name: "authority" | "next"): Promise<KeyPair> {
  const certificate = await Deno.readTextFile(join(folder, `${name}.pem`));
  return { certificate, key: await Deno.readTextFile(join(folder, `${name}.key`)) };
}

async function readRotation(folder: string): Promise<RotationRecord | undefined> {
  const path = join(folder, "rotation.json");
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return RotationRecord.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`Cannot read ${path}: it is damaged; restore the folder from a backup`, { cause });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
