/**
 * The payload as a process of its own, as an agent would start it: with no more permissions than it needs, on a port that
 * it chose itself and named in its log.
 * @module
 */

/** A payload's process and its log. */
export interface PayloadProcess extends AsyncDisposable {
  process: Deno.ChildProcess;
  /** The next log line that contains the text; rejects when the log ends without. */
  logged(text: string): Promise<string>;
}

const ENTRY = new URL("../../payload.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** The command line that runs the payload from source. */
export function payloadCommand(args: readonly string[], env: Record<string, string> = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", `--config=${CONFIG}`, "--no-prompt", "--allow-net", "--allow-env", ENTRY, ...args],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
}

/** Starts a payload and waits until it listens. */
export async function spawnPayload(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<PayloadProcess & { url: string }> {
  const payload = startPayload(args, env);
  const { address } = JSON.parse(await payload.logged("listening on"));
  return Object.assign(payload, { url: `http://${address}` });
}

/** Starts a payload. Disposing of it kills it. */
export function startPayload(args: readonly string[], env: Record<string, string> = {}): PayloadProcess {
  const process = payloadCommand(args, env).spawn();
  const log = process.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  const logged = async (text: string): Promise<string> => {
    while (true) {
      const lines = pending.split("\n");
      const at = lines.slice(0, -1).findIndex((line) => line.includes(text));
      if (at >= 0) {
        pending = lines.slice(at + 1).join("\n");
        return lines[at]!;
      }
      const { value, done } = await log.read();
      if (done) throw new Error(`The payload's log ended without "${text}": ${pending}`);
      pending += value;
    }
  };
  return {
    process,
    logged,
    [Symbol.asyncDispose]: async () => {
      kill(process);
      await log.cancel();
      await process.status;
    },
  };
}

function kill(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch (error) {
    // It has ended by itself, which is what most tests wait for.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}
