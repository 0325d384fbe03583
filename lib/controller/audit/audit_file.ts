/**
 * The file that the audit log writes. What is appended is on the disk when the call returns, or, when it fails, gone
 * again: the file ends where it ended before, and the next append begins there. That is how a full disk refuses writes
 * and harms nothing.
 * @module
 */
import { getLog } from "../../runtime/log.ts";

/** Brings what was written to the disk. */
export type Sync = (file: Deno.FsFile) => Promise<void>;

const log = getLog("audit");

export class AuditFile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #sync: Sync;
  #bytes: number;
  /** Something may lie behind the end. */
  #isUnsettled = false;

  constructor(file: Deno.FsFile, { bytes, sync }: { bytes: number; sync: Sync }) {
    this.#file = file;
    this.#bytes = bytes;
    this.#sync = sync;
  }

  /** Where it ends: what lies behind was never acknowledged. */
  get bytes(): number {
    return this.#bytes;
  }

  async append(bytes: Uint8Array): Promise<void> {
    if (this.#isUnsettled) await this.#settle();
    this.#isUnsettled = true;
    try {
      for (let written = 0; written < bytes.length;) written += await this.#file.write(bytes.subarray(written));
      await this.#sync(this.#file);
    } catch (error) {
      await this.#settle().catch((error) =>
        log.warn("Cannot take back a part of a line: tried again later", { error })
      );
      throw error;
    }
    this.#isUnsettled = false;
    this.#bytes += bytes.length;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  async #settle(): Promise<void> {
    await this.#file.truncate(this.#bytes);
    this.#isUnsettled = false;
  }
}

/** Opens the file for appending, cut to so many bytes, or makes it. */
export async function openAuditFile(
  path: string,
  { bytes, isNew, sync }: { bytes: number; isNew: boolean; sync: Sync },
): Promise<AuditFile> {
  const file = await Deno.open(path, { append: true, create: true, createNew: isNew, mode: 0o600 });
  try {
    if ((await file.stat()).size > bytes) await file.truncate(bytes);
    return new AuditFile(file, { bytes, sync });
  } catch (error) {
    file.close();
    throw error;
  }
}
