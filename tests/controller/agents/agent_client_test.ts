import { assertEquals, assertRejects } from "@std/assert";
import { AgentClient, NoAnswer } from "../../../lib/controller/agents/agent_client.ts";
import { issuePair, makeAuthority, readAuthority } from "../../../lib/wire/certificates.ts";
import { CLUSTER } from "../../support/builders.ts";
import { granted } from "../../support/granted.ts";

const HOST = "127.0.0.1";

Deno.test({
  name: "AgentClient believes agents by other authorities at once, and what it reads meanwhile goes on",
  ignore: !granted,
  fn: async () => {
    const [first, second] = [await makeAuthority(CLUSTER, Date.now()), await makeAuthority(CLUSTER, Date.now())];
    const goOn = Promise.withResolvers<void>();
    const startAgent = async (pair: typeof first) => {
      const leaf = { subject: "x", hosts: [HOST], validMs: 60_000, nowMs: Date.now() };
      const { certificate: cert, key } = await issuePair(await readAuthority(pair), leaf);
      return Deno.serve({ hostname: HOST, port: 0, cert, key, onListen: () => {} }, () => {
        const lines = async function* () {
          yield new TextEncoder().encode("one ");
          await goOn.promise;
          yield new TextEncoder().encode("two");
        };
        return new Response(ReadableStream.from(lines()));
      });
    };
    await using old = await startAgent(first);
    await using fresh = await startAgent(second);
    using client = new AgentClient({ now: () => 0, caCerts: [first.certificate] });
    const ask = ({ addr }: typeof old) =>
      client.request(`https://${HOST}:${addr.port}`, "/", { signal: AbortSignal.timeout(10_000) });
    const stream = await ask(old);
    await assertRejects(() => ask(fresh), NoAnswer);
    client.trust([second.certificate]);
    await assertRejects(() => ask(old), NoAnswer);
    const other = await ask(fresh);
    goOn.resolve();
    assertEquals([await stream.text(), await other.text()], ["one two", "one two"]);
  },
});
