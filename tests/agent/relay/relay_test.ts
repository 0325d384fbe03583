import { assert, assertEquals } from "@std/assert";
import { writeAll } from "../../../lib/agent/http/http_connection.ts";
import { problem } from "../../../lib/agent/http/http_message.ts";
import { fieldValue } from "../../../lib/wire/http1/fields.ts";
import { encodeLatin1 } from "../../../lib/wire/http1/octets.ts";
import { echo, get, ID, withRelay } from "../relay_scene.ts";

const OTHER = "ffffffff-ffff-4fff-8fff-ffffffffffff";
const CONNECT = `CONNECT ${ID} HTTP/1.1\r\nHost: ${ID}\r\n`;

withRelay(
  "CONNECT carries bytes both ways, the early ones too, and passes ends on one by one",
  { replica: echo },
  async (scene) => {
    using client = await scene.client();
    await client.send(`${CONNECT}\r\nearly `);
    assertEquals((await client.head("CONNECT")).status, 200);
    await client.send("late");
    assertEquals(scene.relay.tunnels.open(ID), 1);
    await client.conn.closeWrite();
    assertEquals(await client.raw(), "early late");
    await client.ended();
  },
);

withRelay("CONNECT keeps the way open to a client that answers after the replica has ended its side", {
  replica: async (conn) => {
    await writeAll(conn, encodeLatin1("question"));
    await conn.closeWrite();
    const buffer = new Uint8Array(100);
    const read = await conn.read(buffer);
    assertEquals(new TextDecoder().decode(buffer.subarray(0, read ?? 0)), "answer");
  },
}, async (scene) => {
  using client = await scene.client();
  await client.send(`${CONNECT}\r\n`);
  await client.head("CONNECT");
  assertEquals(await client.raw(), "question");
  await client.send("answer");
  await client.conn.closeWrite();
});

withRelay("tunnels.open() counts per replica, and every change is told", { replica: echo }, async (scene) => {
  using first = await scene.client();
  using second = await scene.client();
  for (const client of [first, second]) {
    await client.send(`${CONNECT}\r\n`);
    await client.head("CONNECT");
  }
  assertEquals([scene.relay.tunnels.open(ID), scene.relay.tunnels.open(OTHER)], [2, 0]);
  for (const client of [first, second]) {
    await client.conn.closeWrite();
    await client.ended();
  }
  await scene.server.shutdown({ drainMs: 10_000 });
  assertEquals(scene.counts, [1, 2, 1, 0]);
});

withRelay("a hold counts as a tunnel until it is let go, and reaches no replica", { replica: echo }, async (scene) => {
  using client = await scene.client();
  await client.send(`${CONNECT}muster-hold: 1\r\n\r\n`);
  assertEquals((await client.head("CONNECT")).status, 200);
  assertEquals(scene.relay.tunnels.open(ID), 1);
  await client.send("anything");
  await client.conn.closeWrite();
  await client.ended();
  await scene.server.shutdown({ drainMs: 10_000 });
  assertEquals(scene.counts, [1, 0]);
});

for (
  const [target, status] of [
    [OTHER, 404],
    ["127.0.0.1:22", 403],
    [`${ID}:80`, 403],
    [`${ID}:0`, 403],
    [`${ID}.replica`, 403],
    [`.${ID}`, 403],
    [`a.b.${ID}`, 403],
    [`a_b.${ID}`, 403],
    [`pg.${ID}:80`, 403],
    ["localhost", 403],
  ] as const
) {
  withRelay(`CONNECT ${target} gets ${status}`, { replica: echo }, async (scene) => {
    using client = await scene.client();
    const { head } = await client.ask(`CONNECT ${target} HTTP/1.1\r\nHost: a\r\n\r\n`, "CONNECT");
    assertEquals([head.status, scene.counts], [status, []]);
  });
}

for (
  const [target, status] of [
    [`http://${OTHER}.replica/`, 404],
    [`http://${ID}/`, 403],
    [`http://${ID}.replica:80/`, 403],
    ["http://169.254.169.254/", 403],
    ["http://localhost:22/", 403],
  ] as const
) {
  withRelay(`GET ${target} gets ${status}`, { replica: echo }, async (scene) => {
    using client = await scene.client();
    assertEquals((await client.ask(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)).head.status, status);
  });
}

withRelay("a relay asks authorize() before it looks anything up", {
  replica: echo,
  relay: {
    authorize: (head) =>
      fieldValue(head.fields, "proxy-authorization") ? { node: undefined } : { refusal: problem(401, "Unauthorized") },
    resolve: () => {
      throw new Error("must not be asked");
    },
  },
}, async (scene) => {
  using tunnel = await scene.client();
  assertEquals((await tunnel.ask(`${CONNECT}\r\n`, "CONNECT")).head.status, 401);
  using proxied = await scene.client();
  assertEquals((await proxied.ask(get("/"))).head.status, 401);
});

{
  const asked: (string | undefined)[] = [];
  withRelay("Muster-Port chooses a named port", {
    replica: echo,
    relay: {
      resolve: (_, portName) => {
        asked.push(portName);
        return undefined;
      },
    },
  }, async (scene) => {
    using tunnel = await scene.client();
    const { head, text } = await tunnel.ask(`${CONNECT}Muster-Port: admin\r\n\r\n`, "CONNECT");
    assertEquals([head.status, asked], [404, ["admin"]]);
    assert(text.includes(`port \\"admin\\" of replica ${ID}`), text);
  });
}

withRelay("CONNECT <port name>.<replica id> leads to the named port, and counts as the replica's tunnel", {
  replica: echo,
}, async (scene) => {
  using client = await scene.client();
  await client.send(`CONNECT db-1.${ID} HTTP/1.1\r\nHost: db-1.${ID}\r\n\r\nhello`);
  assertEquals((await client.head("CONNECT")).status, 200);
  assertEquals([scene.relay.tunnels.open(ID), scene.counts], [1, [1]]);
  await client.conn.closeWrite();
  assertEquals(await client.raw(), "hello");
  await client.ended();
});

{
  const asked: unknown[] = [];
  withRelay("CONNECT to a port that the replica doesn't have gets 404, and says which", {
    replica: echo,
    relay: {
      resolve: (id, portName) => {
        asked.push([id, portName]);
        return undefined;
      },
    },
  }, async (scene) => {
    using client = await scene.client();
    // A port in the target is the one that is meant.
    const { head, text } = await client.ask(
      `CONNECT PG.${ID.toUpperCase()} HTTP/1.1\r\nHost: a\r\nMuster-Port: admin\r\n\r\n`,
      "CONNECT",
    );
    assertEquals([head.status, asked], [404, [[ID, "pg"]]]);
    assert(text.includes(`port \\"pg\\" of replica ${ID}`), text);
  });
}

for (const way of ["CONNECT", "GET"]) {
  withRelay(
    `${way} to a replica that refuses connections gets 502 and says that nothing was sent`,
    { replica: echo },
    async (scene) => {
      scene.stopReplica();
      using client = await scene.client();
      const { head } = await client.ask(way === "GET" ? get("/") : `${CONNECT}\r\n`, way);
      assertEquals([head.status, fieldValue(head.fields, "muster-relay-error")], [502, "connect"]);
      assertEquals(fieldValue(head.fields, "content-type"), "application/problem+json");
    },
  );
}

withRelay("a tunnel carries 32 MiB unchanged", { replica: echo }, async (scene) => {
  using client = await scene.client();
  await client.send(`${CONNECT}\r\n`);
  await client.head("CONNECT");
  const block = new Uint8Array(1_048_576).map((_, at) => at * 31 % 251);
  const sending = (async () => {
    for (let count = 0; count < 32; count++) await writeAll(client.conn, block);
    await client.conn.closeWrite();
  })();
  const buffer = new Uint8Array(262_144);
  let at = 0;
  for (let read = await client.conn.read(buffer); read !== null; read = await client.conn.read(buffer)) {
    for (let offset = 0; offset < read; offset += 997) {
      if (buffer[offset] !== block[(at + offset) % block.length]) throw new Error(`byte ${at + offset} differs`);
    }
    at += read;
  }
  await sending;
  assertEquals(at, 32 * block.length);
});
