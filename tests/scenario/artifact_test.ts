import { assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { join } from "node:path";
import { detectProgram } from "../../lib/console/deploy/detect.ts";
import { type Packed, packFolder } from "../../lib/console/deploy/pack.ts";
import { upload, type Uploaded } from "../../lib/console/deploy/upload.ts";
import { connectChecked } from "../../lib/wire/client/checked_client.ts";
import { digestOf } from "../../lib/wire/digest.ts";
import { until } from "../../scripts/local_program.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";

const SERVER = `Deno.serve({ port: Number(Deno.env.get("PORT")), hostname: "127.0.0.1", onListen: () => {} },
  async () => new Response(await Deno.readTextFile("public/message.txt")));\n`;
const MIB = 1_048_576;
const PATIENCE_MS = 120_000;

/** A folder with a little server and ballast. */
async function programFolder(ballastBytes: number): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "muster-shop-" });
  await Deno.mkdir(join(folder, "public"));
  await Deno.writeTextFile(join(folder, "main.ts"), SERVER);
  const ballast = Array.from({ length: Math.ceil(ballastBytes / 65_536) }, () => random(65_536));
  await Deno.writeFile(join(folder, "ballast.bin"), new Uint8Array(await new Blob(ballast).arrayBuffer()));
  await writeMessage(folder, "one");
  return folder;
}

function random(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}

function writeMessage(folder: string, text: string): Promise<void> {
  return Deno.writeTextFile(join(folder, "public", "message.txt"), text);
}

async function packed(folder: string): Promise<Packed> {
  const result = await packFolder(folder, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (result.kind === "refused") throw new Error(result.reason);
  return result;
}

/** Does what `deploy` does. */
async function deploy(cluster: Cluster, folder: string, spec: { replicas: number }): Promise<Uploaded> {
  const folderPacked = await packed(folder);
  const found = await detectProgram(folderPacked, { name: "shop" });
  if (found.kind !== "found") throw new Error(JSON.stringify(found));
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const sent = await upload(connectChecked({ server: cluster.controller.url }), folderPacked, { signal });
  const { sha256 } = folderPacked;
  const placement = { max_per_node: 1 };
  await cluster.putService("shop", {
    ...found.spec,
    ...spec,
    placement,
    update: { min_healthy: "0s", max_surge: 0, max_unavailable: 1 },
    artifact: { sha256 },
  });
  return sent;
}

/** What all replicas answer, once each of so many answers that. */
function untilAll(cluster: Cluster, replicas: number, text: string): Promise<unknown> {
  return until(async () => {
    const found = await cluster.ready(replicas, { service: "shop", withinMs: PATIENCE_MS });
    const answers = await Promise.all(found.map(({ port }) => answerAt(port)));
    return answers.every((answer) => answer === text);
  }, {
    withinMs: PATIENCE_MS,
    what: () => `${replicas} replicas to answer ${text}; the log:\n${cluster.controller.log()}`,
  });
}

async function answerAt(port: number | null): Promise<string | undefined> {
  try {
    return await (await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) })).text();
  } catch (error) {
    // A replica may just be replaced.
    if (error instanceof TypeError || (error as Error).name === "TimeoutError") return undefined;
    throw error;
  }
}

/** The chunks on an agent's disk, by digest. */
async function chunksOf(data: string): Promise<Map<string, string>> {
  const chunks = new Map<string, string>();
  const folder = join(data, "artifacts", "chunks");
  try {
    for await (const { name: group } of Deno.readDir(folder)) {
      for await (const { name } of Deno.readDir(join(folder, group))) {
        if (/^[0-9a-f]{64}$/.test(name)) chunks.set(name, join(folder, group, name));
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return chunks;
}

Deno.test({
  name:
    "a folder is deployed to two nodes; a changed file takes its own chunk alone; a rollback finds the former folder",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    await using stack = new AsyncDisposableStack();
    const cluster = stack.use(await startCluster({ agents: 2 }));
    const folder = await programFolder(3 * MIB);
    stack.defer(() => Deno.remove(folder, { recursive: true }));

    const first = await deploy(cluster, folder, { replicas: 2 });
    assertEquals(first.sentBytes > 3 * MIB, true);
    await untilAll(cluster, 2, "one");
    const before = await Promise.all(cluster.agents.map(async ({ data }) => (await chunksOf(data)).size));

    await writeMessage(folder, "two");
    const second = await deploy(cluster, folder, { replicas: 2 });
    assertEquals(second, { sentBytes: 3, sentChunks: 1 });
    await untilAll(cluster, 2, "two");
    const after = await Promise.all(cluster.agents.map(async ({ data }) => (await chunksOf(data)).size));
    assertEquals(after, before.map((count) => count + 1), "each agent got the one chunk that it lacked");

    const { status, body } = await cluster.post("/v1/services/shop/rollback", {});
    assertEquals(status, 202, body);
    await untilAll(cluster, 2, "one");
    assertEquals(await deploy(cluster, folder, { replicas: 2 }), { sentBytes: 0, sentChunks: 0 });
    await untilAll(cluster, 2, "two");
  },
});

Deno.test({
  name:
    "an agent that is killed in the middle of a push goes on with it, and has what was damaged meanwhile sent again",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    await using stack = new AsyncDisposableStack();
    const cluster = stack.use(await startCluster({ agents: 1 }));
    const folder = await programFolder(32 * MIB);
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    const agent = cluster.agents[0]!;
    const { chunks, sha256 } = await packed(folder);

    await deploy(cluster, folder, { replicas: 1 });
    await until(async () => (await chunksOf(agent.data)).size >= 5, {
      withinMs: PATIENCE_MS,
      what: () => "chunks to come",
    });
    await agent.stop("SIGKILL");
    const arrived = await chunksOf(agent.data);
    assertLess(arrived.size, chunks.size, "it was in the middle");
    const times = await timesOf(arrived);
    const [damaged] = [...arrived.values()];
    await Deno.writeFile(damaged!, new Uint8Array(chunks.get([...arrived.keys()][0]!)!.size));

    await cluster.restartAgent(0);
    await untilAll(cluster, 1, "one");
    const ballast = join(agent.data, "artifacts", sha256, "files", "ballast.bin");
    assertEquals(digestOf(await Deno.readFile(ballast)), digestOf(await Deno.readFile(join(folder, "ballast.bin"))));
    const now = await timesOf(arrived);
    assertEquals([...now.values()].slice(1), [...times.values()].slice(1), "what had come was not sent again");
    assertNotEquals([...now.values()][0], [...times.values()][0]);
  },
});

async function timesOf(files: ReadonlyMap<string, string>): Promise<Map<string, number | undefined>> {
  const times = [...files].map(async ([digest, path]) => [digest, (await Deno.stat(path)).mtime?.getTime()] as const);
  return new Map(await Promise.all(times));
}

Deno.test({
  name: "a folder in which a file was changed is made anew before the next replica starts in it, if none runs there",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    await using stack = new AsyncDisposableStack();
    const cluster = stack.use(await startCluster({ agents: 1 }));
    const folder = await programFolder(MIB);
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    const { sha256 } = await packed(folder);
    await deploy(cluster, folder, { replicas: 1 });
    await untilAll(cluster, 1, "one");

    const message = join(cluster.agents[0]!.data, "artifacts", sha256, "files", "public", "message.txt");
    await Deno.chmod(message, 0o644);
    await Deno.writeTextFile(message, "else");
    await untilAll(cluster, 1, "else");
    await deploy(cluster, folder, { replicas: 0 });
    await cluster.ready(0, { service: "shop", withinMs: PATIENCE_MS });
    await deploy(cluster, folder, { replicas: 1 });
    await untilAll(cluster, 1, "one");
  },
});
