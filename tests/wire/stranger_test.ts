import { assertEquals, assertRejects } from "@std/assert";
import { askAsStranger, proveRefusal } from "../../lib/wire/stranger.ts";
import { issuePair, makeAuthority, readAuthority } from "../../lib/wire/certificates.ts";
import { CLUSTER } from "../support/builders.ts";
import { granted } from "../support/granted.ts";

const HOST = "127.0.0.1";

async function listener(status: number, { tls }: { tls: boolean }) {
  const authority = await readAuthority(await makeAuthority(CLUSTER, Date.now()));
  const leaf = await issuePair(authority, { subject: "x", hosts: [HOST], validMs: 60_000, nowMs: Date.now() });
  const secure = tls ? { cert: leaf.certificate, key: leaf.key } : {};
  const options = { hostname: HOST, port: 0, onListen: () => {}, ...secure };
  return Deno.serve(options, (request) => new Response(new URL(request.url).pathname, { status }));
}

for (const tls of [true, false]) {
  Deno.test({
    name: `proveRefusal() is content with a 401 and with nothing else (${tls ? "TLS" : "plain"})`,
    ignore: !granted,
    fn: async () => {
      for (const status of [401, 200, 403, 404, 500]) {
        await using server = await listener(status, { tls });
        const { port } = server.addr;
        const proof = () => proveRefusal({ host: HOST, port, path: "/v1/health", tls });
        if (status === 401) await proof();
        else await assertRejects(proof, Error, `answered with ${status}`);
        assertEquals(await askAsStranger({ host: HOST, port, path: "/p", tls }), { status, text: "/p" });
      }
    },
  });
}

Deno.test({
  name: "askAsStranger() says what happens where nothing answers, or no HTTP",
  ignore: !granted,
  fn: async () => {
    const silent = Deno.listen({ hostname: HOST, port: 0 });
    const { port } = silent.addr;
    const accepted = silent.accept().then(async (conn) => {
      await conn.write(new TextEncoder().encode("SSH-2.0\r\n\r\n"));
      conn.close();
    });
    await assertRejects(() => askAsStranger({ host: HOST, port, path: "/", tls: false }), Error);
    await accepted;
    silent.close();
    await assertRejects(() => askAsStranger({ host: HOST, port, path: "/", tls: true }), Error);
  },
});
