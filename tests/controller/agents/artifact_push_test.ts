import { assertEquals } from "@std/assert";
import type { Happening } from "../../../lib/cluster/event.ts";
import { emptyState } from "../../../lib/cluster/state.ts";
import { ArtifactPusher } from "../../../lib/controller/agents/artifact_push.ts";
import type { AgentHealth } from "../../../lib/wire/protocol.ts";
import { artifactOf, type ArtifactParts } from "../../support/artifact_parts.ts";
import { node } from "../../support/builders.ts";

const SHOP = artifactOf({ "main.ts": "serve()", "a.txt": "a", "b.txt": "b" });
const OTHER = artifactOf({ "main.ts": "other()" });
const NODE = node(1);

/** The controller's artifacts, one agent, and what is said between them. */
class Rig implements Disposable {
  readonly ending = new AbortController();
  readonly asked: string[] = [];
  readonly happened: Happening[] = [];
  readonly has = new Map<string, ArtifactParts>();
  readonly agentHas = new Set<string>();
  readonly pusher: ArtifactPusher;
  nowMs = 0;
  answer: (path: string) => Response | undefined = () => undefined;
  #news = Promise.withResolvers<void>();

  constructor(...artifacts: ArtifactParts[]) {
    const state = emptyState({ misses: 3, lostAfterMs: 3_000 });
    state.nodes.set(NODE.id, { record: NODE } as never);
    for (const artifact of artifacts) this.has.set(artifact.sha256, artifact);
    const chunks = new Map(artifacts.flatMap((artifact) => [...artifact.chunks]));
    this.pusher = new ArtifactPusher({
      state,
      client: { request: (_url, path, { bytes }) => Promise.resolve(this.#agent(path, bytes)) },
      artifacts: {
        readManifest: (sha256) => Promise.resolve(this.has.get(sha256)?.text),
        readChunk: (digest) => Promise.resolve(this.has.size === 0 ? undefined : chunks.get(digest)),
      },
      clock: { now: () => this.nowMs },
      tell: (happening) => this.happened.push(happening),
      signal: this.ending.signal,
    });
  }

  /** The agent says what it lacks; resolves when it has been asked so often, and a while after that. */
  async heard(needs: string[], asks: number): Promise<string[]> {
    this.pusher.heard({ kind: "probe_answered", node: NODE.id, probe: 1, health: { needs } as AgentHealth });
    while (this.asked.length < asks) await this.#news.promise;
    await new Promise((resolve) => setTimeout(resolve, 0));
    return this.asked.splice(0);
  }

  #agent(path: string, bytes: Uint8Array | undefined): Response {
    const [, , kind, digest = ""] = path.split("/");
    this.asked.push(`${kind} ${digest}`);
    this.#news.resolve();
    this.#news = Promise.withResolvers();
    const refused = this.answer(path);
    if (refused !== undefined) return refused;
    if (kind === "chunks") {
      this.agentHas.add(digest);
      return new Response(null, { status: 204 });
    }
    const artifact = [SHOP, OTHER].find(({ sha256 }) => sha256 === digest)!;
    assertEquals(bytes, artifact.text);
    return Response.json({ missing: [...artifact.chunks.keys()].filter((each) => !this.agentHas.has(each)) });
  }

  [Symbol.dispose](): void {
    this.ending.abort();
  }
}

const chunksOf = ({ chunks }: ArtifactParts) => [...chunks.keys()].map((digest) => `chunks ${digest}`);

Deno.test("ArtifactPusher sends the list, the chunks that are missing, and the list once more", async () => {
  using rig = new Rig(SHOP);
  const [first, ...rest] = chunksOf(SHOP);
  rig.agentHas.add(first!.split(" ")[1]!);
  const list = `artifacts ${SHOP.sha256}`;
  assertEquals(await rig.heard([SHOP.sha256], 4), [list, ...rest, list]);
});

Deno.test("ArtifactPusher sends an agent one thing at a time, whatever it says meanwhile", async () => {
  using rig = new Rig(SHOP);
  const first = rig.heard([SHOP.sha256], 5);
  rig.pusher.heard({
    kind: "probe_answered",
    node: NODE.id,
    probe: 2,
    health: { needs: [SHOP.sha256] } as AgentHealth,
  });
  assertEquals((await first).length, 5);
});

Deno.test("ArtifactPusher hears what is lacking from the answer to orders as well, and nothing where nothing is", async () => {
  using rig = new Rig(OTHER);
  const reply = { kind: "accepted" as const, epoch: 1, revision: 1, needs: [OTHER.sha256] };
  rig.pusher.heard({ kind: "orders_answered", node: NODE.id, send: 1, reply });
  assertEquals((await rig.heard([], 3)).length, 3);
  assertEquals(await rig.heard([], 0), []);
});

Deno.test("ArtifactPusher waits after a failure, longer each time, and then sends what is lacking still", async () => {
  using rig = new Rig(OTHER);
  rig.answer = (path) => (path.includes("chunks") ? new Response(null, { status: 507 }) : undefined);
  assertEquals((await rig.heard([OTHER.sha256], 2)).length, 2);
  assertEquals(await rig.heard([OTHER.sha256], 0), []);
  rig.nowMs = 1_000;
  assertEquals((await rig.heard([OTHER.sha256], 2)).length, 2);
  rig.nowMs = 2_000;
  assertEquals(await rig.heard([OTHER.sha256], 0), [], "two seconds after the second");
  rig.nowMs = 3_000;
  rig.answer = () => undefined;
  assertEquals((await rig.heard([OTHER.sha256], 3)).length, 3);
});

Deno.test("ArtifactPusher tells once that an artifact is gone, and sends the others", async () => {
  using rig = new Rig(OTHER);
  assertEquals((await rig.heard([SHOP.sha256, OTHER.sha256], 3)).length, 3);
  rig.nowMs = 60_000;
  await rig.heard([SHOP.sha256, OTHER.sha256], 1);
  assertEquals(rig.happened.map(({ kind, text }) => `${kind} ${text.includes(SHOP.sha256)}`), [
    "artifact_damaged true",
  ]);
});

Deno.test("ArtifactPusher sends nothing to an agent that no longer wants it", async () => {
  using rig = new Rig(SHOP);
  rig.answer = () => new Response(null, { status: 409 });
  assertEquals(await rig.heard([SHOP.sha256], 1), [`artifacts ${SHOP.sha256}`]);
  assertEquals((await rig.heard([SHOP.sha256], 1)).length, 1, "that is no failure");
});

Deno.test("ArtifactPusher tells again that an artifact is gone when it had come back meanwhile", async () => {
  using rig = new Rig(OTHER);
  const gone = [...rig.has];
  rig.has.clear();
  const hear = async (asks: number) => {
    rig.nowMs += 60_000;
    await rig.heard([OTHER.sha256], asks);
  };
  await hear(0);
  for (const [sha256, artifact] of gone) rig.has.set(sha256, artifact);
  await hear(3);
  rig.has.clear();
  await hear(0);
  assertEquals(rig.happened.length, 2);
});
