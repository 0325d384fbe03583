import { assertEquals, assertRejects } from "@std/assert";
import { openTunnel } from "../../lib/wire/tunnel.ts";
import { granted } from "../support/granted.ts";

const REPLICA = "0e2f3d60-7a53-4a3c-9d0e-1c2b3a4f5e6d";

/** What an agent that answers so is asked, and what comes of the tunnel. */
async function ask(
  answer: string,
  { port, agentToken }: { port?: string; agentToken?: string },
): Promise<{ asked: string; early: () => Promise<string> }> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const agent = (async () => {
    using conn = await listener.accept();
    const bytes = new Uint8Array(4_096);
    const count = await conn.read(bytes) ?? 0;
    await conn.write(new TextEncoder().encode(answer));
    return new TextDecoder().decode(bytes.subarray(0, count));
  })();
  const nodeUrl = `http://127.0.0.1:${listener.addr.port}`;
  const opening = openTunnel({ replica: REPLICA, nodeUrl }, { signal: AbortSignal.timeout(5_000), port, agentToken });
  const early = opening.then(({ conn, early }) => {
    conn.close();
    return new TextDecoder().decode(early);
  });
  early.catch(() => undefined);
  try {
    return { asked: await agent, early: () => early };
  } finally {
    listener.close();
    await early.catch(() => undefined);
  }
}

for (
  const [port, target] of [
    [undefined, REPLICA],
    ["main", REPLICA],
    ["pg", `pg.${REPLICA}`],
  ] as const
) {
  Deno.test({
    name: `openTunnel() asks for ${target.replace(REPLICA, "<replica id>")} when the port is ${port}`,
    ignore: !granted,
    async fn() {
      const { asked, early } = await ask("HTTP/1.1 200 OK\r\n\r\nearly", { ...port && { port }, agentToken: "secret" });
      assertEquals(asked.split("\r\n"), [
        `CONNECT ${target} HTTP/1.1`,
        `host: ${target}`,
        "authorization: Bearer secret",
        "",
        "",
      ]);
      assertEquals(await early(), "early");
    },
  });
}

Deno.test({
  name: "openTunnel() rejects when the agent has no such port, and names it",
  ignore: !granted,
  async fn() {
    const { early } = await ask("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", { port: "pg" });
    await assertRejects(early, Error, `Cannot reach replica pg.${REPLICA}: its agent answered 404`);
  },
});
