/**
 * A stand-in for systemd's end of sd_notify(3): a socket at a path, and all that was said there. It runs as a process of
 * its own, because Deno's datagram sockets need a flag that the tests are run without.
 * @module
 */
import { fileURLToPath } from "node:url";

export interface NotifySocket extends AsyncDisposable {
  /** What goes into NOTIFY_SOCKET. */
  path: string;
  /** All that was said so far, a line each. */
  said: readonly string[];
  /** Resolves once this line is said after the first `after` lines; rejects after `withinMs`. */
  hear(line: string, options?: { after?: number; withinMs?: number }): Promise<void>;
  /** Resolves once nothing was said for so long, which is what a watchdog minds. */
  silence(ms: number): Promise<void>;
}

const WAIT_MS = 20_000;

if (import.meta.main) await printAll(Deno.args[0] ?? "");

/** Opens a socket in a folder of its own and listens there. */
export async function openNotifySocket(): Promise<NotifySocket> {
  const folder = await Deno.makeTempDir({ prefix: "muster-test-notify-" });
  const path = `${folder}/notify`;
  const args = ["run", "--quiet", "--no-check", "--unstable-net", "-A", fileURLToPath(import.meta.url), path];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped" }).spawn();
  const lines = new Lines();
  const reading = lines.readFrom(child.stdout);
  await lines.hear("listening");
  const heard = lines.said.length;
  return {
    path,
    get said() {
      return lines.said.slice(heard);
    },
    hear: (line, { after = 0, withinMs } = {}) => lines.hear(line, { after: heard + after, withinMs }),
    silence: (ms) => lines.silence(ms),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await Promise.all([child.status, reading]);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Lines as they come, and those who wait for one. */
class Lines {
  readonly said: string[] = [];
  readonly #onLine = new EventTarget();

  async readFrom(stream: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + piece).split("\n");
      rest = lines.pop() ?? "";
      this.said.push(...lines);
      this.#onLine.dispatchEvent(new Event("line"));
    }
  }

  async hear(line: string, { after = 0, withinMs = WAIT_MS }: { after?: number; withinMs?: number } = {}) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`"${line}" was not said, but ${this.said.join(", ")}`)), withinMs);
    const look = () => this.said.indexOf(line, after) >= 0 && resolve();
    look();
    await this.#eachLine(look, promise);
    clearTimeout(timer);
  }

  async silence(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let timer = setTimeout(resolve, ms);
    const begin = () => {
      clearTimeout(timer);
      timer = setTimeout(resolve, ms);
    };
    await this.#eachLine(begin, promise);
  }

  async #eachLine(listener: () => void, done: Promise<void>): Promise<void> {
    this.#onLine.addEventListener("line", listener);
    try {
      await done;
    } finally {
      this.#onLine.removeEventListener("line", listener);
    }
  }
}

async function printAll(path: string): Promise<void> {
  const encoder = new TextEncoder();
  const print = (text: string) => Deno.stdout.writeSync(encoder.encode(`${text}\n`));
  const socket = Deno.listenDatagram({ transport: "unixpacket", path });
  print("listening");
  const decoder = new TextDecoder();
  for await (const [message] of socket) print(decoder.decode(message));
}
