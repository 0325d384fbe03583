/**
 * The cluster's authority is replaced while clients go on asking: nothing fails, nothing is restarted, and what the former
 * authority had signed counts no more in the end. An agent that is away meanwhile is waited for.
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { AuthorityRotation } from "../../lib/wire/join.ts";
import { type LocalProgram, startProgram, until } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";
import { identities, replicasIn } from "../support/cluster.ts";
import { papersOf, type SecureCluster, startSecureCluster } from "./secure_cluster.ts";

const EVERY_MS = 10;
/** Three rounds of registrations, which come every 5 s, and room for a slow machine. */
const DONE_MS = 60_000;

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted || Deno.build.os !== "linux", fn });
}

test("an authority is replaced in seconds, and no request, stream, node or replica notices", async () => {
  await using cluster = await startSecureCluster({ agents: 2 });
  await cluster.scale(2);
  const before = identities(replicasIn(await cluster.status()));
  const former = await papersOf(cluster.agents[0]!);
  // Who knows the former authority alone goes on to believe the controller.
  using client = cluster.client();
  const asking = askSteadily(cluster.controller.url, client);
  await using events = await openEvents(cluster, client);

  const { status, text } = await cluster.ask("/v1/authority/rotate", cluster.asAdmin("POST"));
  assertEquals([status, AuthorityRotation.parse(JSON.parse(text)).phase], [202, "announced"]);
  assertEquals((await cluster.ask("/v1/authority/rotate", cluster.asAdmin("POST"))).status, 409);
  const { trusted } = await untilDone(cluster);
  for (const agent of cluster.agents) {
    const papers = await papersOf(agent);
    assertEquals(papers.trusted.map(({ id }) => id), trusted);
  }
  const { requests, failures } = await asking.stop();
  assertEquals([requests > 100, failures], [true, []]);
  assertEquals(identities(replicasIn(await cluster.status())), before);
  assertEquals(events.kinds().filter((kind) => kind.startsWith("node_")), []);
  assertEquals(events.isOpen(), true);
  assertEquals((cluster.controller.log().match(/"kind":"node_(suspect|lost)"/g) ?? []).length, 0);

  await assertRefused(cluster, former.credential);
  const [holder] = cluster.agents;
  cluster.caCerts = [await Deno.readTextFile(`${cluster.controller.data}/authority/authority.pem`)];
  const other = await papersOf(cluster.agents[1]!);
  const asNode = (token: string) => cluster.askAt(holder!, "/v1/health", { token });
  assertEquals((await asNode(former.peer_credential)).status, 401, "also among agents");
  assertEquals((await asNode(other.peer_credential)).status, 403, "known, and no controller");
  await cluster.join();
});

test("a replacement waits for an agent that is away, lets who was invited before join, and outlives its controller", async () => {
  await using cluster = await startSecureCluster({ agents: 2 });
  const { path } = await cluster.invitation();
  const [away] = cluster.agents;
  await away!.stop();
  await cluster.until(
    "it to be lost",
    ({ nodes }) => nodes.some(({ url, status }) => url === away!.url && status === "lost"),
  );
  assertEquals((await cluster.ask("/v1/authority/rotate", cluster.asAdmin("POST"))).status, 202);
  const { phase } = await untilRotation(cluster, ({ behind }) => behind.length === 1);
  assertEquals(phase, "announced");

  await cluster.begin("agent", cluster.joining(path));
  await cluster.controller.stop();
  await using _controller = await again(cluster.controller, ["--secure"]);
  const papers = await papersOf(away!);
  await using back = await again(away!, ["--controller", cluster.controller.url]);
  const { trusted } = await untilDone(cluster);
  const renewed = await papersOf(back);
  assertEquals(renewed.trusted.map(({ id }) => id), trusted);
  assertNotEquals(trusted, papers.trusted.map(({ id }) => id));
  await cluster.until(
    "all to be ready",
    ({ nodes }) => nodes.length === 3 && nodes.every(({ status }) => status === "ready"),
  );
});

/** Starts a program that has ended once more, as the same one. */
function again({ name, data, url }: LocalProgram, args: string[]): Promise<LocalProgram> {
  return startProgram(name, { data, args, port: Number(new URL(url).port), tls: true });
}

/** Waits until the replacement is that far. */
async function untilRotation(
  cluster: SecureCluster,
  check: (rotation: AuthorityRotation) => boolean,
): Promise<AuthorityRotation> {
  let seen: AuthorityRotation | undefined;
  return await until(async () => {
    try {
      const { text } = await cluster.ask("/v1/authority/rotation", cluster.asAdmin());
      seen = AuthorityRotation.parse(JSON.parse(text));
    } catch (error) {
      // Whoever connects while the controller's certificate is replaced may have to do so again.
      if (!(error instanceof TypeError)) throw error;
      return undefined;
    }
    return check(seen) && seen;
  }, { withinMs: DONE_MS, what: () => `the authority to be replaced; last seen: ${JSON.stringify(seen)}` });
}

function untilDone(cluster: SecureCluster): Promise<AuthorityRotation> {
  return untilRotation(cluster, ({ phase, behind }) => phase === "done" && behind.length === 0);
}

async function assertRefused(cluster: SecureCluster, token: string): Promise<void> {
  for (const path of ["/v1/nodes", "/v1/renew"]) {
    assertEquals((await cluster.ask(path, { method: "POST", token, body: {} })).status, 401, path);
  }
}

/** Asks the service, at a constant rate. */
function askSteadily(url: string, client: Deno.HttpClient) {
  const asked = { requests: 0, failures: [] as string[] };
  const underWay = new Set<Promise<void>>();
  const ask = async (tries: number): Promise<void> => {
    try {
      const response = await fetch(url, { client });
      await response.body?.cancel();
      if (!response.ok) asked.failures.push(String(response.status));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      // Whoever connects while the controller's certificate is replaced may have to do so again.
      if (tries === 1) asked.failures.push(`${error.message} ${error.cause}`);
      else await ask(tries - 1);
    }
  };
  const timer = setInterval(() => {
    asked.requests += 1;
    const request = ask(2).finally(() => underWay.delete(request));
    underWay.add(request);
  }, EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
      return asked;
    },
  };
}

/** A stream of events that is read until it is disposed of. */
async function openEvents(cluster: SecureCluster, client: Deno.HttpClient) {
  const ending = new AbortController();
  const response = await fetch(`${cluster.controller.url}/v1/events`, {
    client,
    signal: ending.signal,
    headers: { accept: "text/event-stream", authorization: `Bearer ${cluster.adminToken}` },
  });
  assertEquals(response.status, 200);
  let text = "";
  let isOpen = true;
  const read = async () => {
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) text += piece;
  };
  const reading = read().catch((error) => {
    if (!ending.signal.aborted) text += `failed: ${error}`;
  }).finally(() => isOpen = false);
  return {
    kinds: () => [...text.matchAll(/"kind":"(\w+)"/g)].map(([, kind = ""]) => kind),
    isOpen: () => isOpen,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await reading;
    },
  };
}
