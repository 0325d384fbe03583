/**
 * Where the access log goes: the program's output, or a file that is opened anew once somebody has moved or removed it,
 * as logrotate does. Each text is appended as a whole, so that several writers may share a file.
 * @module
 */
import type { LogOutput } from "./access_log.ts";

const MODE = 0o640;

const encoder = new TextEncoder();

/** The program's output. It stays open. */
export const standardOutput: LogOutput = {
  write: async (text) => {
    await writeAll(Deno.stdout, encoder.encode(text));
  },
  close: () => {},
};

/** A file that is appended to; made when it is not there. */
export class LogFile implements LogOutput {
  readonly #path: string;
  #file: Deno.FsFile | undefined;
  /** What the path pointed to when it was opened. */
  #opened: Deno.FileInfo | undefined;
  #endsInLine = true;

  constructor(path: string) {
    this.#path = path;
  }

  async write(text: string): Promise<void> {
    const file = await this.#current();
    // After a disk was full in the middle of a line, the rest is better than two lines in one.
    const bytes = encoder.encode(this.#endsInLine ? text : `\n${text}`);
    this.#endsInLine = false;
    await writeAll(file, bytes);
    this.#endsInLine = true;
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  async #current(): Promise<Deno.FsFile> {
    if (this.#file !== undefined && isSame(this.#opened, await existing(this.#path))) return this.#file;
    this.close();
    this.#file = await Deno.open(this.#path, { append: true, create: true, mode: MODE });
    this.#opened = await this.#file.stat();
    return this.#file;
  }
}

async function existing(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function isSame(opened: Deno.FileInfo | undefined, found: Deno.FileInfo | undefined): boolean {
  return found !== undefined && opened?.dev === found.dev && opened.ino === found.ino;
}

async function writeAll(writer: { write(bytes: Uint8Array): Promise<number> }, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await writer.write(bytes.subarray(written));
}
