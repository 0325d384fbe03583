/**
 * The second session of the front page, as it is typed, wherever its programs run: two agents have registered
 * themselves, and a replica is killed that was found in the list of processes.
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { HEALED_MS, type Session, untilGone, workerOf } from "./session.ts";

/** Plays it. Where a token guards the controller, `bearer` is sent with all that is Muster's own, and with nothing else. */
export async function playSessionB(session: Session, { bearer }: { bearer?: string } = {}): Promise<void> {
  const guarded = bearer === undefined ? "" : `-H "Authorization: Bearer ${bearer}" `;
  const scale = (replicas: number) =>
    session.type(`curl ${guarded}-X POST -d '{"replicas":${replicas}}' http://HOST:9000/scale`);

  await until(async () => (await session.status()).nodes.length === 2, { what: "two nodes that registered" });
  const status = JSON.parse(await session.type(`curl ${guarded}http://HOST:9000/status`));
  assertEquals(status.nodes.length, 2);

  await scale(3);
  const three = await session.untilReady(3);
  assertEquals(new Set(three.map(({ node }) => node)).size, 2);
  await scale(1);
  const [left] = await session.untilReady(1);
  for (const { id, pid } of three) if (id !== left?.id) await untilGone(pid);

  const pid = left?.pid ?? 0;
  const hasPs = await session.type("command -v ps || true") !== "";
  if (hasPs) assert(pidsIn(await session.type("ps aux | grep payload")).includes(pid), "ps shows the replica");
  await session.type(`kill -9 ${pid}`);
  await untilGone(pid);
  const [healed] = await session.untilReady(1, { where: (replica) => replica.pid !== pid, withinMs: HEALED_MS });
  assertEquals(healed?.id, left?.id);

  await scale(3);
  await session.untilReady(3);
  const first = workerOf(await session.type("curl http://HOST:9000/proxy"));
  assertNotEquals(workerOf(await session.type("curl http://HOST:9000/proxy")), first);
}

/** The second column. */
function pidsIn(listing: string): number[] {
  return listing.split("\n").map((line) => Number(line.trim().split(/\s+/)[1]));
}
