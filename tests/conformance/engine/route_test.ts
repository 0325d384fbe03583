import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { until } from "../../../scripts/local_program.ts";
import { granted } from "../../support/granted.ts";
import { exchange, readText, type Replica, serveRaw, serveReplica, writeText } from "../../ingress/rig.ts";
import { startEngine } from "./rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn });
}

async function named(url: string, init: RequestInit = {}): Promise<string> {
  return await (await fetch(url, init)).text();
}

/** Replicas that answer with their names. */
function serveNamed(...names: string[]): Replica[] & AsyncDisposable {
  const replicas = names.map((name, slot) => {
    const replica = serveReplica(() => new Response(name));
    return { ...replica, endpoint: { ...replica.endpoint, slot } };
  });
  return Object.assign(replicas, {
    [Symbol.asyncDispose]: async () => {
      for (const replica of replicas) await replica[Symbol.asyncDispose]();
    },
  });
}

test("a sticky client stays with its replica, and gets another one when that is gone", async () => {
  await using replicas = serveNamed("a", "b", "c");
  await using rig = startEngine(replicas, { route: { sticky: true } });
  const first = await fetch(rig.url);
  const name = await first.text();
  const cookie = first.headers.get("set-cookie")!.split(";")[0]!;
  for (let at = 0; at < 6; at++) assertEquals(await named(rig.url, { headers: { cookie } }), name);
  rig.set(replicas.filter((_, at) => ["a", "b", "c"][at] !== name));
  const next = await fetch(rig.url, { headers: { cookie } });
  assert(await next.text() !== name);
  assert(next.headers.get("set-cookie")!.split(";")[0] !== cookie);
});

test("requests with one key go to one replica", async () => {
  await using replicas = serveNamed("a", "b", "c");
  await using rig = startEngine(replicas, { route: { balance: { hash: "header:x-user" } } });
  const seen = new Set<string>();
  for (let user = 0; user < 20; user++) {
    const headers = { "x-user": `u${user}` };
    const name = await named(rig.url, { headers });
    for (let at = 0; at < 3; at++) assertEquals(await named(rig.url, { headers }), name);
    seen.add(name);
  }
  assertEquals(seen.size, 3);
});

test("who has used up its rate is told when to come again", async () => {
  await using replicas = serveNamed("a");
  await using rig = startEngine(replicas, {
    route: { rate: { requests: 1, per: "30s", burst: 2, by: "header:x-key" } },
  });
  const ask = async (key: string) => {
    const response = await fetch(rig.url, { headers: { "x-key": key } });
    await response.body?.cancel();
    return [response.status, response.headers.get("retry-after")];
  };
  assertEquals([await ask("one"), await ask("one"), await ask("two")], [[200, null], [200, null], [200, null]]);
  assertEquals(await ask("one"), [429, "30"]);
});

test("more requests than may be under way are refused, or wait for the ones before", async () => {
  const open = Promise.withResolvers<void>();
  await using replica = serveReplica(async () => {
    await open.promise;
    return new Response("a");
  });
  await using rig = startEngine([replica], { route: { in_flight_max: 2, connections_max: 1 } });
  const answers = [fetch(rig.url), fetch(rig.url)];
  const refused = await until(async () => {
    const response = await fetch(rig.url, { signal: AbortSignal.timeout(100) }).catch(() => undefined);
    return await response?.text();
  }, { what: "one to be refused" });
  assertStringIncludes(refused!, "in-flight-limit");
  open.resolve();
  for (const answer of answers) assertEquals(await (await answer).text(), "a");
});

test("what is late is answered with 504 and never sent twice", async () => {
  let requests = 0;
  const silent = () =>
    serveRaw(async (conn) => {
      await readText(conn);
      requests++;
      await readText(conn);
    });
  await using one = silent();
  await using two = silent();
  await using rig = startEngine([one, two], { route: { timeout: "100ms" } });
  const response = await fetch(rig.url);
  assertEquals(response.status, 504);
  assertStringIncludes(await response.text(), "late-answer");
  assertEquals(requests, 1);
});

test("a request whose replica breaks off is tried elsewhere, unless it may not be", async () => {
  const bodies: string[] = [];
  await using broken = serveRaw(async (conn) => {
    bodies.push(await readText(conn));
  });
  await using well = serveReplica(() => new Response("well"));
  await using rig = startEngine([broken, well], { route: { ejection: { failures: 1_000 } } });
  for (let at = 0; at < 4; at++) {
    assertEquals(await named(rig.url), "well");
    const put = await fetch(rig.url, { method: "PUT", body: "kept" });
    assertEquals(await put.text(), "well");
  }
  const posted: number[] = [];
  for (let at = 0; at < 4; at++) {
    const response = await fetch(rig.url, { method: "POST", body: "once" });
    await response.body?.cancel();
    posted.push(response.status);
  }
  assertEquals(posted.toSorted(), [200, 200, 502, 502]);
  assertEquals(bodies.filter((text) => text.startsWith("POST")).length, 2);
});

test("a replica that fails again and again is left out, and comes back", async () => {
  let asked = 0;
  await using broken = serveRaw(async (conn) => {
    await readText(conn);
    asked++;
  });
  await using well = serveReplica(() => new Response("well"));
  await using rig = startEngine([broken, well], { route: { ejection: { failures: 2, for: "300ms" } } });
  for (let at = 0; at < 30; at++) assertEquals(await named(rig.url), "well");
  assertEquals(asked, 2);
  await new Promise((resolve) => setTimeout(resolve, 350));
  for (let at = 0; at < 10; at++) assertEquals(await named(rig.url), "well");
  assertEquals(asked, 3);
});

test("a redirect is answered here, and the way in is judged by the host that was asked for", async () => {
  await using replicas = serveNamed("a");
  await using rig = startEngine(replicas, {
    route: { host: "old.example.org", redirect: { to: "https://new.example.org" } },
  });
  const answer = await exchange(
    rig.port,
    "GET /a?b=c HTTP/1.1\r\nHost: OLD.example.org:80\r\nConnection: close\r\n\r\n",
  );
  assertStringIncludes(answer, "HTTP/1.1 308 Permanent Redirect\r\nLocation: https://new.example.org/a?b=c\r\n");
  const other = await exchange(rig.port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  assertStringIncludes(other, "HTTP/1.1 503");
});

test("what a trusted proxy says of its client is passed on, and what another says is not", async () => {
  const heads: string[] = [];
  await using replica = serveRaw(async (conn) => {
    heads.push(await readText(conn));
    await writeText(conn, "HTTP/1.1 204 No Content\r\n\r\n");
  });
  const request = "GET / HTTP/1.1\r\nHost: in.example.org\r\nX-Forwarded-For: 192.0.2.7\r\n" +
    "X-Forwarded-Proto: https\r\nX-Forwarded-Host: www.example.org\r\nX-Real-IP: 1.2.3.4\r\nConnection: close\r\n\r\n";
  for (const trusted of ["", "127.0.0.0/8"]) {
    await using rig = startEngine([replica], { trusted });
    await exchange(rig.port, request);
  }
  const [untrusted, trusted] = heads.map((head) => head.split("\r\n").filter((line) => /^x-/i.test(line)));
  assertEquals(untrusted, [
    "X-Forwarded-For: 127.0.0.1",
    "X-Forwarded-Host: in.example.org",
    "X-Forwarded-Proto: http",
  ]);
  assertEquals(trusted, [
    "X-Forwarded-For: 192.0.2.7, 127.0.0.1",
    "X-Forwarded-Host: www.example.org",
    "X-Forwarded-Proto: https",
  ]);
});

test("requests have names where traces are kept, which go on from a trace that they came with", async () => {
  const seen: Headers[] = [];
  await using replica = serveReplica((request) => {
    seen.push(new Headers(request.headers));
    return new Response("");
  });
  await using rig = startEngine([replica], { isTracing: true });
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  await named(rig.url);
  await named(rig.url, { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, "x-request-id": "forged" } });
  const [begun, gone] = seen.map((headers) => headers.get("traceparent")!.split("-"));
  assertEquals(begun?.map(({ length }) => length), [2, 32, 16, 2]);
  assertEquals([gone?.[1], gone?.[3]], [traceId, "01"]);
  assert(gone?.[2] !== "00f067aa0ba902b7", "the ingress is a step of its own");
  const ids = seen.map((headers) => headers.get("x-request-id")!);
  assert(ids.every((id) => /^[0-9a-f]{32}$/.test(id)) && ids[0] !== ids[1], `${ids}`);
  rig.set([], { queue: { timeout: "1ms" } });
  const refused = await fetch(rig.url);
  const { request_id } = await refused.json();
  assert(/^[0-9a-f]{32}$/.test(request_id), request_id);
});
