import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { issuePair, makeAuthority, readAuthority } from "../../lib/wire/certificates.ts";
import { serve } from "../../lib/controller/serve.ts";
import { systemClock } from "../../lib/runtime/clock.ts";
import { CLUSTER } from "../support/builders.ts";
import { granted } from "../support/granted.ts";

const HOST = "127.0.0.1";

Deno.test({
  name: "serve() replaces its certificate while requests under way go on, and answers at every time",
  ignore: !granted || Deno.build.os !== "linux",
  fn: async () => {
    const pair = await makeAuthority(CLUSTER, Date.now());
    const authority = await readAuthority(pair);
    let made = 0;
    const body = Promise.withResolvers<string>();
    await using served = await serve({
      host: HOST,
      port: 0,
      handler: async (request) =>
        new Response(request.url.endsWith("/slow") ? await body.promise : "quick", {
          // Each request makes a connection of its own, as a new certificate would be seen by nobody else.
          headers: { connection: "close" },
        }),
      pair: () => {
        made += 1;
        return issuePair(authority, { subject: "x", hosts: [HOST], validMs: 60_000, nowMs: Date.now() });
      },
      clock: systemClock,
      renewAfterMs: 50,
    });
    using client = Deno.createHttpClient({ caCerts: [pair.certificate], http2: false, poolMaxIdlePerHost: 0 });
    const ask = async (path: string) =>
      await (await fetch(`https://${HOST}:${served.addr.port}${path}`, { client })).text();
    const slow = ask("/slow");
    // Whoever connects in the very moment in which a listener closes may be turned away, and is answered when asked again.
    while (made < 4) assertEquals(await ask("/").catch(() => ask("/")), "quick");
    body.resolve("whole");
    assertEquals(await slow, "whole");
  },
});

Deno.test({
  name: "serve() asks who keeps a connection to connect anew, before the certificate that it was made with goes",
  ignore: !granted || Deno.build.os !== "linux",
  fn: async () => {
    const pair = await makeAuthority(CLUSTER, Date.now());
    const authority = await readAuthority(pair);
    await using served = await serve({
      host: HOST,
      port: 0,
      handler: () => new Response("quick", { headers: { "content-length": "5" } }),
      pair: () => issuePair(authority, { subject: "x", hosts: [HOST], validMs: 60_000, nowMs: Date.now() }),
      clock: systemClock,
    });
    using conn = await Deno.connectTls({
      hostname: HOST,
      port: served.addr.port,
      caCerts: [pair.certificate],
      alpnProtocols: ["http/1.1"],
    });
    const bytes = new Uint8Array(4_096);
    /** Head and body may come one after the other. */
    const ask = async () => {
      await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
      let answer = "";
      while (!answer.endsWith("quick")) {
        const read = await conn.read(bytes);
        assertNotEquals(read, null, "it is closed");
        answer += new TextDecoder().decode(bytes.subarray(0, read!));
      }
      return answer.toLowerCase();
    };
    const isLast = (answer: string) => answer.includes("connection: close");
    assertEquals(isLast(await ask()), false);
    const replaced = served.replace();
    // The one that takes over is there once its certificate is made.
    while (!isLast(await ask()));
    assertEquals(await conn.read(bytes), null);
    await replaced;
  },
});

Deno.test({
  name: "serve() says what to do about a port that is taken",
  ignore: !granted,
  fn: async () => {
    const taken = Deno.listen({ hostname: HOST, port: 0 });
    const handler = () => new Response("");
    const options = { host: HOST, port: taken.addr.port, handler, pair: undefined, clock: systemClock };
    await assertRejects(() => serve(options), Error, "the port is in use; give another one with --port");
    taken.close();
  },
});
