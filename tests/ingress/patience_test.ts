import { assert, assertEquals, assertRejects } from "@std/assert";
import { granted } from "../support/granted.ts";
import { readText, type Replica, serveRaw, serveReplica, startProxy, writeText } from "./rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `Patience ${name}`, ignore: !granted, fn });
}

/** Takes requests and says nothing, as a host does that has vanished from the network. */
function silent(): { replica: Replica; asked: Promise<void>; vanish: () => void } {
  const asked = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const replica = serveRaw(async (conn) => {
    await readText(conn);
    asked.resolve();
    await over.promise;
  });
  return { replica, asked: asked.promise, vanish: over.resolve };
}

test("gives up a replica whose node is lost, and a GET is answered by another", async () => {
  const { replica, asked, vanish } = silent();
  await using _gone = replica;
  await using other = serveReplica(() => new Response("answered"));
  await using rig = startProxy([]);
  const suspect = { ...replica.endpoint, suspect: true };
  rig.table.replace("payload", [suspect]);
  const answer = fetch(rig.url);
  await asked;
  rig.table.replace("payload", [other.endpoint]);
  assertEquals(await (await answer).text(), "answered");
  vanish();
});

test("gives up a replica whose node is lost, and a POST is not sent twice", async () => {
  const { replica, asked, vanish } = silent();
  await using _gone = replica;
  let posts = 0;
  await using other = serveReplica(() => new Response(String(++posts)));
  await using rig = startProxy([]);
  rig.table.replace("payload", [{ ...replica.endpoint, suspect: true }]);
  const answer = fetch(rig.url, { method: "POST", body: "once" });
  await asked;
  rig.table.replace("payload", [other.endpoint]);
  const response = await answer;
  assertEquals([response.status, posts], [502, 0]);
  assert((await response.text()).includes("it may have acted"));
  vanish();
});

test("waits on for a replica that was withdrawn while its node answers", async () => {
  const release = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await using leaving = serveReplica(async () => {
    asked.resolve();
    await release.promise;
    return new Response("finished");
  });
  await using other = serveReplica(() => new Response("another"));
  await using rig = startProxy([leaving]);
  const answer = fetch(rig.url);
  await asked.promise;
  rig.table.replace("payload", [other.endpoint]);
  // Longer than two sweeps, which is when a lost node would have been noticed.
  const timer = setTimeout(release.resolve, 300);
  assertEquals(await (await answer).text(), "finished");
  clearTimeout(timer);
});

Deno.test({
  name: "an answer under way breaks off when its replica's node is lost, and not before",
  ignore: !granted,
  fn: async () => {
    const over = Promise.withResolvers<void>();
    await using vanishing = serveRaw(async (conn) => {
      await readText(conn);
      await writeText(conn, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf ");
      await over.promise;
    });
    await using rig = startProxy([]);
    const { endpoint } = vanishing;
    rig.table.replace("payload", [endpoint]);
    const reader = (await fetch(rig.url)).body!.getReader();
    assertEquals(new TextDecoder().decode((await reader.read()).value), "half ");
    rig.table.replace("payload", [{ ...endpoint, suspect: true }]);
    rig.table.replace("payload", [endpoint]);
    rig.table.replace("payload", [{ ...endpoint, suspect: true }]);
    const rest = reader.read();
    rig.table.replace("payload", []);
    await assertRejects(() => rest, TypeError);
    over.resolve();
  },
});
