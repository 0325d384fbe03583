import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { type Packed, packFolder } from "../../../lib/console/deploy/pack.ts";
import { type Progress, upload } from "../../../lib/console/deploy/upload.ts";
import type { Client } from "../../../lib/wire/client/client.ts";
import { ApiRefusal } from "../../../lib/wire/client/problem_error.ts";
import { digestOf } from "../../../lib/wire/digest.ts";
import { TYPE_PREFIX } from "../../../lib/wire/problem.ts";
import { granted } from "../../support/granted.ts";

const signal = new AbortController().signal;

/** A cluster that keeps what it is given. */
class FakeCluster {
  readonly has = new Set<string>();
  readonly lists: string[] = [];
  puts = 0;
  atOnce = 0;
  atOnceMost = 0;
  /** Done before a chunk is kept. */
  onPut: (digest: string) => void = () => {};

  get client(): Pick<Client, "findMissingChunks" | "putChunk" | "putArtifact"> {
    return {
      findMissingChunks: ({ body }) => {
        const { chunks } = body as { chunks: string[] };
        return Promise.resolve({ missing: chunks.filter((digest) => !this.has.has(digest)) });
      },
      putChunk: async ({ digest, body }) => {
        this.atOnceMost = Math.max(this.atOnceMost, ++this.atOnce);
        await Promise.resolve();
        this.atOnce -= 1;
        this.onPut(digest);
        assertEquals(digestOf(body as Uint8Array), digest);
        this.puts += 1;
        this.has.add(digest);
        return "";
      },
      putArtifact: ({ digest, body }) => {
        this.lists.push(digest);
        const { files } = JSON.parse(String(body)) as { files: { chunks: string[] }[] };
        if (files.some(({ chunks }) => chunks.some((each) => !this.has.has(each)))) {
          const type = `${TYPE_PREFIX}chunks-missing`;
          return Promise.reject(new ApiRefusal({ type, title: "Conflict", status: 409, detail: "some are missing" }));
        }
        return Promise.resolve({ sha256: digest, files: files.length, bytes: 0, created_at: "", services: [] });
      },
    };
  }
}

function test(name: string, fn: (packed: Packed, cluster: FakeCluster) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !granted,
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "muster-upload-" });
      try {
        for (let n = 0; n < 12; n++) await Deno.writeTextFile(join(folder, `${n}.txt`), `file ${n % 10}`);
        const packed = await packFolder(folder, { signal });
        if (packed.kind === "refused") throw new Error(packed.reason);
        await fn(packed, new FakeCluster());
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

test("upload() sends each chunk that is missing once, a few at a time, and then the list", async (packed, cluster) => {
  const progress: Progress[] = [];
  const [known] = packed.chunks.keys();
  cluster.has.add(known!);
  const sent = await upload(cluster.client, packed, { signal, onProgress: (now) => progress.push(now) });
  assertEquals(sent, { sentBytes: 54, sentChunks: 9 });
  assertEquals([cluster.puts, cluster.lists], [9, [packed.sha256]]);
  assertEquals(cluster.atOnceMost > 1 && cluster.atOnceMost <= 4, true);
  assertEquals([progress[0], progress.at(-1)], [{ bytesDone: 0, bytesTotal: 54 }, { bytesDone: 54, bytesTotal: 54 }]);
  assertEquals(await upload(cluster.client, packed, { signal }), { sentBytes: 0, sentChunks: 0 });
});

test("upload() asks anew when chunks went before the list came, but not for ever", async (packed, cluster) => {
  const { client } = cluster;
  let rounds = 0;
  const forgetful = {
    ...client,
    putArtifact: (...given: Parameters<typeof client.putArtifact>) => {
      if (++rounds === 1) cluster.has.clear();
      return client.putArtifact(...given);
    },
  };
  assertEquals((await upload(forgetful, packed, { signal })).sentChunks, 20);
  const broken = { ...client, findMissingChunks: () => Promise.resolve({ missing: [] }) };
  cluster.has.clear();
  cluster.lists.length = 0;
  await assertRejects(() => upload(broken, packed, { signal }), ApiRefusal, "some are missing");
  assertEquals(cluster.lists.length, 3);
});

test("upload() gives the rest up when a chunk can't be put", async (packed, cluster) => {
  cluster.onPut = () => {
    throw new ApiRefusal({ type: `${TYPE_PREFIX}store-full`, title: "Full", status: 507, detail: "no room" });
  };
  await assertRejects(() => upload(cluster.client, packed, { signal }), ApiRefusal, "no room");
  assertEquals([cluster.puts, cluster.lists], [0, []]);
});

test("upload() sends nothing of a file that has changed since it was packed", async (packed, cluster) => {
  await Deno.writeTextFile(join(packed.folder, "3.txt"), "other!");
  await assertRejects(() => upload(cluster.client, packed, { signal }), Error, "it has changed since it was packed");
});

test("upload() ends when it is told to", async (packed, cluster) => {
  const ending = new AbortController();
  cluster.onPut = () => ending.abort();
  await assertRejects(() => upload(cluster.client, packed, { signal: ending.signal }), DOMException, "abort");
  assertEquals(cluster.lists, []);
});
