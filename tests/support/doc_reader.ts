/**
 * Somebody who reads a document and types what it says: in a folder of their own, at a small cluster where the document's
 * addresses lead, with the programs' names on the PATH. Disposing of it ends and removes everything.
 * @module
 */
import { delay } from "@std/async";
import { join } from "node:path";
import { commandLine, type ProgramName } from "../../scripts/local_program.ts";
import type { Cluster } from "./cluster.ts";
import type { DocBlock } from "./doc_blocks.ts";
import { missingIn } from "./doc_output.ts";

const PROGRAMS: readonly ProgramName[] = ["controller", "agent", "payload"];
const EVENTUALLY_MS = 90_000;
const BLOCK_MAX_MS = 120_000;
const AGAIN_MS = 500;
const FIRST_AGENT_PORT = 9091;

/** A request that is refused fails its block; a 503 of a replica that is about to come is asked again, as a reader would. */
const CURL = ["fail-with-body", "silent", "show-error", "retry = 30", "retry-delay = 1"].join("\n");

export interface Reader extends AsyncDisposable {
  /** Does what a block says, and tells what went otherwise than the document has it. */
  follow: (block: DocBlock) => Promise<void>;
}

interface Ending {
  code: number;
  /** On standard output and standard error, as a terminal shows them. */
  printed: string;
}

/** Sits down before a cluster, and its ingress where it has one. */
export async function openReader(cluster: Cluster, ingress: string | undefined): Promise<Reader> {
  await using stack = new AsyncDisposableStack();
  const home = await Deno.makeTempDir({ prefix: "muster-reader-" });
  stack.defer(() => Deno.remove(home, { recursive: true }));
  const [desk, bin] = [join(home, "desk"), join(home, "bin")];
  await Promise.all([Deno.mkdir(desk), Deno.mkdir(bin)]);
  await Deno.writeTextFile(join(home, ".curlrc"), `${CURL}\n`);
  await writePrograms(bin);
  const env = {
    PATH: `${bin}:${Deno.env.get("PATH")}`,
    HOME: home,
    CURL_HOME: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    MUSTER_SERVER: cluster.controller.url,
    // A reader who is asked says yes.
    MUSTER_YES: "true",
    NO_COLOR: "1",
  };
  const here = (text: string) =>
    placed(text, { ...placesIn(cluster), ...(ingress && { "http://localhost:8080": ingress }) });
  let last: Ending | undefined;
  const follow = async (block: DocBlock) => {
    if (block.file !== undefined) await Deno.writeTextFile(join(desk, block.file), here(block.text));
    if (block.runnable) {
      await nothingEnds(cluster);
      last = await run(block, () => shell(here(block.text), { cwd: desk, env }));
    }
    if (!block.isOutput) return;
    const missing = missingIn(last?.printed ?? "", { ...block, shown: here(block.text) });
    if (missing !== undefined) throw new Error(`${at(block)}: not printed: ${missing}\n${last?.printed}`);
  };
  const owned = stack.move();
  return { follow, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Somebody who reads takes their time: what the block before has stopped is gone by then. */
async function nothingEnds(cluster: Cluster): Promise<void> {
  await cluster.until({
    what: "the replicas that were stopped to be gone",
    check: ({ services }) =>
      services.every(({ desired, replicas }) =>
        replicas.every(({ phase }) =>
          phase !== "draining" && phase !== "stopping" && (phase !== "exited" || replicas.length <= desired)
        )
      ),
  });
}

/** A program by its name, and by the line that starts it from a clone. */
async function writePrograms(bin: string): Promise<void> {
  const script = (name: string, text: string) =>
    Deno.writeTextFile(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  for (const name of PROGRAMS) {
    await script(
      name,
      `exec ${commandLine(name).map((word) => `'${word}'`).join(" ")} "$@"`,
    );
  }
  const cases = PROGRAMS.map((name) => `"run -A ${name}.ts") shift 3; exec ${name} "$@" ;;`).join(" ");
  await script("deno", `case "$1 $2 $3" in ${cases} esac\nexec '${Deno.execPath()}' "$@"`);
}

/** What stands in documents, and what it is here. */
function placesIn({ controller, agents }: Cluster): Readonly<Record<string, string>> {
  return {
    "http://localhost:8000": controller.url,
    "http://127.0.0.1:8000": controller.url,
    ...Object.fromEntries(agents.map(({ url }, index) => [`http://localhost:${FIRST_AGENT_PORT + index}`, url])),
    "/var/lib/muster/controller": controller.data,
  };
}

function placed(text: string, places: Readonly<Record<string, string>>): string {
  return Object.entries(places).reduce((result, [written, place]) => result.replaceAll(written, place), text);
}

async function run(block: DocBlock, once: () => Promise<Ending>): Promise<Ending> {
  const deadlineMs = performance.now() + (block.eventually ? EVENTUALLY_MS : 0);
  while (true) {
    const ending = await once();
    if (ending.code === block.exit) return ending;
    if (performance.now() > deadlineMs) throw new Error(`${at(block)}: ended with ${ending.code}\n${ending.printed}`);
    await delay(AGAIN_MS);
  }
}

async function shell(text: string, options: { cwd: string; env: Record<string, string> }): Promise<Ending> {
  const { code, stdout } = await new Deno.Command("sh", {
    args: ["-eu", "-c", `exec 2>&1\n${text}`],
    ...options,
    stdin: "null",
    signal: AbortSignal.timeout(BLOCK_MAX_MS),
  }).output();
  return { code, printed: new TextDecoder().decode(stdout) };
}

function at({ doc, line }: DocBlock): string {
  return `${doc}:${line}`;
}
