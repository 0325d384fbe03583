import { assert, assertEquals } from "@std/assert";
import { splice } from "../../../lib/ingress/tcp/splice.ts";
import { Channel } from "../../../lib/ingress/upstream/channel.ts";
import { granted } from "../../support/granted.ts";
import { NOTHING, readSome, readText, write, writeAll } from "./tcp_scene.ts";

const EARLY = { fromClient: NOTHING, fromReplica: NOTHING };

/** Two ends of one connection. */
async function pair(): Promise<[Deno.Conn, Deno.Conn]> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ends = await Promise.all([Deno.connect({ port: listener.addr.port }), listener.accept()]);
  listener.close();
  return ends;
}

/** A client and a replica with a splice between them. */
function withSplice(
  name: string,
  early: typeof EARLY,
  body: (ends: { client: Deno.Conn; replica: Deno.Conn; over: Promise<string>; inner: Channel[] }) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: !granted,
    async fn() {
      const [client, fromClient] = await pair();
      const [replica, toReplica] = await pair();
      const inner = [new Channel(fromClient), new Channel(toReplica)];
      const over = splice(inner[0]!, inner[1]!, early);
      try {
        await body({ client, replica, over, inner });
      } finally {
        client.close();
        replica.close();
        await over;
      }
    },
  });
}

withSplice("splice() passes one side's end on while the other goes on", EARLY, async ({ client, replica, over }) => {
  await write(replica, "bye");
  await replica.closeWrite();
  assertEquals(await readText(client), "bye");
  await write(client, "not yet");
  assertEquals(await readSome(replica, 7), "not yet");
  await client.closeWrite();
  assertEquals([await readText(replica), await over], ["", "ended"]);
});

withSplice(
  "splice() begins with what was read before",
  { fromClient: new TextEncoder().encode("ask"), fromReplica: new TextEncoder().encode("say") },
  async ({ client, replica }) => {
    assertEquals([await readSome(client, 3), await readSome(replica, 3)], ["say", "ask"]);
  },
);

withSplice("splice() carries 32 MiB unchanged, both ways at once", EARLY, async ({ client, replica, inner }) => {
  const block = new Uint8Array(1_048_573).map((_, at) => at * 31 % 251);
  const send = async (conn: Deno.Conn) => {
    for (let count = 0; count < 32; count++) await writeAll(conn, block);
    await conn.closeWrite();
  };
  const receive = async (conn: Deno.Conn) => {
    const buffer = new Uint8Array(262_144);
    let at = 0;
    for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
      for (let offset = 0; offset < read; offset += 997) {
        if (buffer[offset] !== block[(at + offset) % block.length]) throw new Error(`byte ${at + offset} differs`);
      }
      at += read;
    }
    return at;
  };
  const size = 32 * block.length;
  const [, , toReplica, toClient] = await Promise.all([send(client), send(replica), receive(replica), receive(client)]);
  assertEquals([toReplica, toClient], [size, size]);
  assertEquals(inner.map(({ bytesRead, bytesWritten }) => [bytesRead, bytesWritten]), [[size, size], [size, size]]);
});

withSplice("splice() reads no more than the other side takes", EARLY, async ({ client, replica, inner }) => {
  const block = new Uint8Array(1_048_576);
  let sent = 0;
  const sending = (async () => {
    for (; sent < 64; sent++) await writeAll(client, block);
    await client.closeWrite();
  })();
  // Until nothing moves any more, as all that is between the two is full.
  let seen = -1;
  while (seen !== inner[0]!.bytesRead) {
    seen = inner[0]!.bytesRead;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert(seen < 32 * block.length, `${seen} bytes were read while nobody took any`);
  const buffer = new Uint8Array(262_144);
  let taken = 0;
  for (let read = await replica.read(buffer); read !== null; read = await replica.read(buffer)) taken += read;
  await sending;
  assertEquals(taken, 64 * block.length);
});

withSplice("splice() ends for both when one is closed under it", EARLY, async ({ client, replica, over, inner }) => {
  await write(client, "x");
  assertEquals(await readSome(replica, 1), "x");
  for (const channel of inner) channel.close();
  assertEquals(await over, "broken");
  assertEquals([await readText(client), await readText(replica)], ["", ""]);
});
