import { assertEquals } from "@std/assert";
import { Sweep } from "../../../lib/ingress/engine/deno/sweep.ts";
import { TcpListener } from "../../../lib/ingress/tcp/listener.ts";
import { encodeProxyHeader } from "../../../lib/ingress/tcp/proxy_protocol.ts";
import { granted } from "../../support/granted.ts";
import {
  absent,
  echo,
  NOTHING,
  readAll,
  readSome,
  readText,
  USUAL,
  withListener,
  write,
  writeAll,
} from "./tcp_scene.ts";

const NOBODY: ReadonlySet<string> = new Set();
const FROM_AFAR = {
  source: { hostname: "203.0.113.7", port: 40_000 },
  destination: { hostname: "198.51.100.1", port: 5_432 },
};

withListener(
  "a session carries bytes both ways, and passes ends on one by one",
  { replicas: { a: echo("a:") } },
  async (scene) => {
    using client = await scene.client();
    assertEquals(await readSome(client, 2), "a:");
    await write(client, "hello");
    await client.closeWrite();
    assertEquals(await readText(client), "hello");
    await scene.whenEnded(1);
    assertEquals(scene.ended, [{ source: "127.0.0.1", replica: "a", end: "ended", received: 5, sent: 7 }]);
    assertEquals([scene.chosen, scene.partings], [["127.0.0.1 a"], ["a carried"]]);
    assertEquals(scene.listener.counts(), {
      accepted: 1,
      turnedAway: 0,
      open: 0,
      connectFailures: 0,
      received: 5,
      sent: 7,
    });
  },
);

withListener("what the replica has said before the session stood comes first", {
  replicas: {
    a: {
      connect: async () => {
        const socket = Deno.listen({ hostname: "127.0.0.1", port: 0 });
        const [conn, there] = await Promise.all([Deno.connect({ port: socket.addr.port }), socket.accept()]);
        socket.close();
        await write(there, "late");
        there.close();
        return { conn, early: new TextEncoder().encode("early ") };
      },
    },
  },
}, async (scene) => {
  using client = await scene.client();
  assertEquals(await readText(client), "early late");
});

withListener(
  "a connection is tried at another replica when one can't be reached",
  { replicas: { a: absent, b: absent, c: echo("c") } },
  async (scene) => {
    using client = await scene.client();
    assertEquals(await readSome(client, 1), "c");
    assertEquals(scene.partings, ["a failed", "b failed"]);
    assertEquals([scene.listener.counts().connectFailures, scene.listener.sessionsByReplica()], [
      2,
      new Map([["c", 1]]),
    ]);
  },
);

withListener(
  "a connection that no replica can be reached for is closed, after three of them",
  { replicas: { a: absent, b: absent, c: absent, d: echo() } },
  async (scene) => {
    using client = await scene.client();
    assertEquals(await readText(client), "");
    await scene.whenEnded(1);
    assertEquals([scene.ended[0]?.end, scene.chosen.length], ["unreached", 3]);
  },
);

withListener("a connection is closed when there is no replica", { replicas: {} }, async (scene) => {
  using client = await scene.client();
  assertEquals(await readText(client), "");
  await scene.whenEnded(1);
  assertEquals([scene.ended[0]?.end, scene.ended[0]?.replica, scene.partings], ["unreached", undefined, []]);
});

{
  const never = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  withListener("a replica that doesn't answer in time is given up for another", {
    settings: { connectMs: 20 },
    replicas: { a: absent, b: echo("b") },
    listener: { connect: ({ replica, connect }, { signal }) => replica === "a" ? never(signal) : connect() },
  }, async (scene) => {
    using client = await scene.client();
    assertEquals(await readSome(client, 1), "b");
    assertEquals(scene.partings, ["a failed"]);
  });

  const asked = Promise.withResolvers<void>();
  withListener("a replica that is lost while it is being reached is given up for another", {
    replicas: { a: absent, b: echo("b") },
    listener: {
      connect: ({ replica, connect }, { signal }) => {
        if (replica === "b") return connect();
        asked.resolve();
        return never(signal);
      },
    },
  }, async (scene) => {
    using client = await scene.client();
    await asked.promise;
    scene.listener.keep({ serving: new Set(["b"]), withdrawn: NOBODY });
    assertEquals(await readSome(client, 1), "b");
    assertEquals([scene.partings, scene.listener.counts().connectFailures], [["a given up"], 0]);
  });
}

withListener(
  "keep() cuts the sessions of who is neither serving nor withdrawn, and no others",
  { replicas: { a: echo("a") } },
  async (scene) => {
    using client = await scene.client();
    assertEquals(await readSome(client, 1), "a");
    scene.listener.keep({ serving: new Set(["a", "b"]), withdrawn: NOBODY });
    scene.listener.keep({ serving: new Set(["b"]), withdrawn: new Set(["a"]) });
    await write(client, "still");
    assertEquals(await readSome(client, 5), "still");
    scene.listener.keep({ serving: new Set(["b"]), withdrawn: NOBODY });
    await scene.whenEnded(1);
    assertEquals([scene.ended[0]?.end, scene.partings], ["cut", ["a carried"]]);
    assertEquals(await readText(client), "");
  },
);

withListener("a session without a byte for too long is cut", {
  settings: { idleMs: 50 },
  replicas: { a: echo("a") },
}, async (scene) => {
  using client = await scene.client();
  assertEquals(await readText(client), "a");
  await scene.whenEnded(1);
  assertEquals(scene.ended[0]?.end, "idle");
});

withListener("a connection beyond the limit is closed at once, and counted", {
  replicas: { a: echo("a") },
  listener: { sessionsMax: 1 },
}, async (scene) => {
  using first = await scene.client();
  assertEquals(await readSome(first, 1), "a");
  using second = await scene.client();
  assertEquals(await readText(second), "");
  assertEquals(scene.listener.counts().turnedAway, 1);
  await first.closeWrite();
  await scene.whenEnded(1);
  using third = await scene.client();
  assertEquals(await readSome(third, 1), "a");
});

withListener("where a connection came from is believed of a proxy, and told to the replica", {
  settings: { acceptProxy: true, sendProxy: true },
  replicas: { a: echo() },
}, async (scene) => {
  using client = await scene.client();
  const header = encodeProxyHeader(FROM_AFAR);
  await writeAll(client, header.subarray(0, 7));
  await writeAll(client, Uint8Array.of(...header.subarray(7), ...new TextEncoder().encode("hello")));
  await client.closeWrite();
  assertEquals(await readAll(client), Uint8Array.of(...header, ...new TextEncoder().encode("hello")));
  assertEquals(scene.chosen, ["203.0.113.7 a"]);
});

withListener("a replica is told of a client that came by itself", {
  settings: { sendProxy: true },
  replicas: { a: echo() },
}, async (scene) => {
  using client = await scene.client();
  const { localAddr: source, remoteAddr: destination } = client as {
    localAddr: Deno.NetAddr;
    remoteAddr: Deno.NetAddr;
  };
  await client.closeWrite();
  assertEquals(await readAll(client), encodeProxyHeader({ source, destination }));
});

withListener("a client that has to be a proxy and is none is refused, and no replica hears of it", {
  settings: { acceptProxy: true },
  replicas: { a: echo() },
}, async (scene) => {
  using client = await scene.client();
  await write(client, "GET / HTTP/1.1\r\n\r\n");
  await scene.whenEnded(1);
  using silent = await scene.client();
  await silent.closeWrite();
  await scene.whenEnded(2);
  assertEquals([scene.ended.map(({ end }) => end), scene.chosen], [["refused", "refused"], []]);
});

withListener("a session whose replica breaks off is over for the client too", {
  replicas: {
    a: async (conn) => {
      await conn.read(new Uint8Array(1));
      // What was not read makes the system reset the connection.
    },
  },
}, async (scene) => {
  using client = await scene.client();
  await writeAll(client, new Uint8Array(100_000));
  await client.read(new Uint8Array(1)).catch(() => null);
  client.closeWrite().catch(() => undefined);
  await scene.whenEnded(1);
  assertEquals(scene.listener.counts().open, 0);
});

withListener("close() lets sessions end by themselves for a while", { replicas: { a: echo("a") } }, async (scene) => {
  using client = await scene.client();
  assertEquals(await readSome(client, 1), "a");
  const closed = scene.listener.close({ drainMs: 60_000 });
  await write(client, "more");
  await client.closeWrite();
  assertEquals(await readText(client), "more");
  await closed;
  assertEquals(scene.ended[0]?.end, "ended");
});

withListener("close() cuts what is still open after its time", { replicas: { a: echo("a") } }, async (scene) => {
  using client = await scene.client();
  assertEquals(await readSome(client, 1), "a");
  await scene.listener.close({ drainMs: 10 });
  assertEquals([scene.ended[0]?.end, await readText(client)], ["closed", ""]);
});

Deno.test({
  name: "a listener survives that the system has no sockets left, with a pause",
  ignore: !granted,
  async fn() {
    const socket = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const pauses: number[] = [];
    let attempts = 0;
    const listener = new TcpListener<{ replica: string }>({
      listener: Object.assign(Object.create(socket), {
        accept: () => {
          attempts += 1;
          return attempts <= 2 ? Promise.reject(new Error("Too many open files (os error 24)")) : socket.accept();
        },
        close: () => socket.close(),
      }),
      settings: () => USUAL,
      choose: () => undefined,
      release: () => undefined,
      connect: () => Promise.reject(new Error("nobody is there")),
      sweep: new Sweep(() => 0),
      clock: {
        sleep: (ms) => {
          pauses.push(ms);
          return Promise.resolve();
        },
      },
    });
    const running = listener.run();
    using client = await Deno.connect({ port: socket.addr.port });
    assertEquals([await readAll(client), pauses], [NOTHING, [100, 100]]);
    await listener.close({ drainMs: 0 });
    await running;
  },
});
