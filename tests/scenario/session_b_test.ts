/**
 * The second session of the front page, as it is typed: agents register themselves, and a replica is killed that was
 * found in the list of processes.
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { startProgram, until } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";
import { HEALED_MS, openSession, untilGone, workerOf } from "./session.ts";

Deno.test({
  name: "session B: agents register themselves, a killed replica is back by itself, /proxy takes turns",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    await using resources = new AsyncDisposableStack();
    const controller = resources.use(await startProgram("controller"));
    const args = ["--controller", controller.url];
    for (let count = 0; count < 2; count += 1) resources.use(await startProgram("agent", { args }));
    const session = openSession(controller, { 9000: controller });

    await until(async () => (await session.status()).nodes.length === 2, { what: "two nodes that registered" });
    const status = JSON.parse(await session.type("curl http://127.0.0.1:9000/status"));
    assertEquals(status.nodes.length, 2);

    await session.type(`curl -X POST -d '{"replicas":3}' http://127.0.0.1:9000/scale`);
    const three = await session.untilReady(3);
    assertEquals(new Set(three.map(({ node }) => node)).size, 2);
    await session.type(`curl -X POST -d '{"replicas":1}' http://127.0.0.1:9000/scale`);
    const [left] = await session.untilReady(1);
    for (const { id, pid } of three) if (id !== left?.id) await untilGone(pid);

    const pid = left?.pid ?? 0;
    const hasPs = await session.type("command -v ps || true") !== "";
    if (hasPs) assert(pidsIn(await session.type("ps aux | grep payload")).includes(pid), "ps shows the replica");
    await session.type(`kill -9 ${pid}`);
    await untilGone(pid);
    const [healed] = await session.untilReady(1, { where: (replica) => replica.pid !== pid, withinMs: HEALED_MS });
    assertEquals(healed?.id, left?.id);

    await session.type(`curl -X POST -d '{"replicas":3}' http://127.0.0.1:9000/scale`);
    await session.untilReady(3);
    const first = workerOf(await session.type("curl http://127.0.0.1:9000/proxy"));
    assertNotEquals(workerOf(await session.type("curl http://127.0.0.1:9000/proxy")), first);
  },
});

/** The second column. */
function pidsIn(listing: string): number[] {
  return listing.split("\n").map((line) => Number(line.trim().split(/\s+/)[1]));
}
