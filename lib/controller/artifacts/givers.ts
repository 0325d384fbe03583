/**
 * Who gave which artifact: a token for some services only may run what it gave itself, also after the controller was
 * started anew. An empty file for each of the two, `artifacts/givers/<digest>.<token>`, which goes with the artifact.
 * @module
 */
import { join } from "node:path";
import { writeFileAtomic } from "../../runtime/atomic_file.ts";
import { removeIfThere } from "../../runtime/remove_if_there.ts";

/** Of one artifact; then the first is forgotten, and has to give it again. */
const GIVERS_MAX = 100;
const NAME = /^([0-9a-f]{64})\.([\w-]{1,100})$/;

export class Givers {
  readonly #folder: string;
  readonly #givers: Map<string, Set<string>>;

  constructor(folder: string, givers: Map<string, Set<string>>) {
    this.#folder = folder;
    this.#givers = givers;
  }

  has(sha256: string, giver: string): boolean {
    return this.#givers.get(sha256)?.has(giver) ?? false;
  }

  /** Is on the disk when it resolves. */
  async add(sha256: string, giver: string): Promise<void> {
    if (this.has(sha256, giver)) return;
    const path = this.#pathOf(sha256, giver);
    await writeFileAtomic(path, "");
    const givers = this.#givers.get(sha256) ?? new Set<string>();
    this.#givers.set(sha256, givers.add(giver));
    const [first] = givers;
    if (givers.size > GIVERS_MAX && first !== undefined) await this.#remove(sha256, first);
  }

  /** The artifact is gone. */
  async forget(sha256: string): Promise<void> {
    for (const giver of [...this.#givers.get(sha256) ?? []]) await this.#remove(sha256, giver);
    this.#givers.delete(sha256);
  }

  /** Forgets those of artifacts that are not among these. */
  async keepOnly(artifacts: { has(sha256: string): boolean }): Promise<void> {
    for (const sha256 of [...this.#givers.keys()]) {
      if (!artifacts.has(sha256)) await this.forget(sha256);
    }
  }

  async #remove(sha256: string, giver: string): Promise<void> {
    this.#givers.get(sha256)?.delete(giver);
    await removeIfThere(this.#pathOf(sha256, giver));
  }

  #pathOf(sha256: string, giver: string): string {
    const name = `${sha256}.${giver}`;
    if (!NAME.test(name)) throw new TypeError(`Cannot note who gave artifact ${sha256}: "${giver}" is no token's id`);
    return join(this.#folder, name);
  }
}

/** Opens the folder, made if need be. */
export async function openGivers(folder: string): Promise<Givers> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const givers = new Map<string, Set<string>>();
  for await (const { name } of Deno.readDir(folder)) {
    const [, sha256, giver] = NAME.exec(name) ?? [];
    if (sha256 === undefined || giver === undefined) {
      if (name.endsWith(".tmp")) await Deno.remove(join(folder, name));
      continue;
    }
    givers.set(sha256, (givers.get(sha256) ?? new Set()).add(giver));
  }
  return new Givers(folder, givers);
}
