import { assert, assertEquals } from "@std/assert";
import { type InnerListener, openInnerListener } from "../../../lib/ingress/tls/inner_listener.ts";
import { granted } from "../../support/granted.ts";
import { readAll, testAuthority } from "./tls_scene.ts";

const ALERT = 21;

function withInner(name: string, body: (inner: InnerListener, running: Promise<void>) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !granted,
    async fn() {
      const inner = openInnerListener(await (await testAuthority()).issue(["a.test"]), ["h2"]);
      const running = inner.run();
      await body(inner, running);
      await running;
    },
  });
}

withInner("connect() gives both ends of one connection, also when many are asked for at once", async (inner) => {
  const passages = await Promise.all(Array.from({ length: 100 }, () => inner.connect()));
  for (const passage of passages) {
    assert(passage !== undefined);
    assertEquals(passage.inside.remoteAddr.port, passage.outside.localAddr.port);
    passage.outside.close();
    passage.inside.close();
  }
  inner.retire();
});

withInner("who connects to an inner listener from elsewhere is cut, with TLS and without", async (inner) => {
  const { port } = inner;
  const plain = await Deno.connect({ hostname: "127.0.0.1", port });
  await plain.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
  assertEquals((await readAll(plain))[0], ALERT);
  const secured = await Deno.connectTls({ hostname: "localhost", port, caCerts: [inner.certificate.chain] });
  assertEquals((await readAll(secured)).length, 0);
  inner.retire();
});

withInner("connect() gives nothing once it is closed", async (inner, running) => {
  inner.retire();
  inner.retire();
  await running;
  assertEquals(await inner.connect(), undefined);
});

withInner("retire() lets what has begun be finished, and leaves what is open", async (inner, running) => {
  const open = await inner.connect();
  const begun = [inner.connect(), inner.connect()];
  inner.retire();
  for (const passage of [open, ...await Promise.all(begun)]) {
    assert(passage !== undefined);
    await passage.outside.write(Uint8Array.of(22));
    passage.outside.close();
    passage.inside.close();
  }
  await running;
});
