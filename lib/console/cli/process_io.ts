/**
 * The world of a command that was started in a terminal or by a script: this process's streams, environment and files.
 * @module
 */
import { dirname } from "node:path";
import { aborted } from "../../runtime/aborted.ts";
import { writeFileAtomic } from "../../runtime/atomic_file.ts";
import type { Io } from "./command.ts";
import { UsageError } from "./exit_code.ts";
import { screenOf } from "./screen.ts";

const INPUT_BYTES_MAX = 1_048_576;
const ANSWER_BYTES_MAX = 1_024;

/** The world as it is; `signal` is aborted when the command is to end. */
export function processIo(signal: AbortSignal): Io {
  const { env, readTextFile: readFile, stdout, stderr } = Deno;
  const [out, errors] = [screenOf(stdout, env), screenOf(stderr, env)];
  // Who interrupts instead of answering is not waited for: the reading itself ends with the process.
  const answer = () => Promise.race([readAnswer(), aborted(signal).then(() => undefined)]);
  return { env, readFile, readInput, readAnswer: answer, modeOf, writeFile, out, errors, signal };
}

/** A person's line of input; undefined where nobody can be asked. */
async function readAnswer(): Promise<string | undefined> {
  if (!Deno.stdin.isTerminal()) return undefined;
  const buffer = new Uint8Array(ANSWER_BYTES_MAX);
  const length = await Deno.stdin.read(buffer);
  return length === null ? undefined : new TextDecoder().decode(buffer.subarray(0, length)).trim();
}

async function readInput(): Promise<string> {
  let bytes = 0;
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of Deno.stdin.readable) {
    bytes += chunk.length;
    if (bytes > INPUT_BYTES_MAX) throw new UsageError(`Cannot read standard input: more than ${INPUT_BYTES_MAX} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

async function modeOf(path: string): Promise<number | null> {
  const { mode } = await Deno.stat(path);
  return Deno.build.os === "windows" ? null : mode;
}

async function writeFile(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFileAtomic(path, text, { mode: 0o600 });
}
