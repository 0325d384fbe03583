import { assertEquals } from "@std/assert";
import { sharedIdentity } from "../../lib/agent/identity/identity.ts";
import { keepRegistered } from "../../lib/agent/register.ts";
import { seededRandom } from "../../lib/runtime/random.ts";
import { PROTOCOL } from "../../lib/wire/protocol.ts";
import { granted } from "../support/granted.ts";

Deno.test({
  name: "keepRegistered() registers with its token, again and again, and backs off while it is refused",
  ignore: !granted,
  fn: async () => {
    const ending = new AbortController();
    const statuses = [503, 503, 503, 201, 200];
    const asked: unknown[] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => undefined }, async (request) => {
      asked.push([request.method, new URL(request.url).pathname, request.headers.get("authorization")]);
      assertEquals(request.headers.get("muster-protocol"), String(PROTOCOL));
      assertEquals((await request.json()).name, "n1");
      return new Response("{}", { status: statuses[asked.length - 1] ?? 500 });
    });
    const pausesMs: number[] = [];
    const sleep = (ms: number) => {
      pausesMs.push(ms);
      if (pausesMs.length === statuses.length) ending.abort();
      return Promise.resolve();
    };
    await keepRegistered({
      controller: `http://127.0.0.1:${server.addr.port}`,
      registration: {
        url: "http://a",
        identity: crypto.randomUUID(),
        name: "n1",
        labels: {},
        capacity: { cpu: 1, memory: 1 },
      },
      identity: sharedIdentity({ joinToken: "t" }),
      clock: { now: () => 0, wall: () => 0, sleep },
      random: { ...seededRandom(1), next: () => 0.5 },
      signal: ending.signal,
    });
    assertEquals(asked, statuses.map(() => ["POST", "/v1/nodes", "Bearer t"]));
    assertEquals(pausesMs, [1_000, 2_000, 4_000, 5_000, 5_000]);
    await server.shutdown();
  },
});
