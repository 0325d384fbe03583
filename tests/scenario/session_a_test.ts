/**
 * The first session of the front page, as it is typed: two agents are added by hand, and the second goes away and comes
 * back, once by Ctrl-C and once by a sudden death.
 * @module
 */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { type LocalProgram, startProgram } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";
import { HEALED_MS, nodeAt, openSession, type Session, untilGone, workerOf } from "./session.ts";

interface End {
  by: string;
  /** How the controller has to have noticed. */
  noticed: RegExp;
  end: (second: LocalProgram, session: Session) => Promise<void>;
}

const ENDS: readonly End[] = [
  { by: "Ctrl-C", noticed: /is lost \(goodbye\)/, end: async (second) => void await second.stop("SIGINT") },
  {
    by: "kill -9 of it and its replicas",
    noticed: /is lost \((cut stream|missed probes)\)/,
    end: async (second, session) => {
      const status = await session.status();
      const { id } = nodeAt(status, second);
      await second.stop("SIGKILL");
      const pids = status.services[0]?.replicas.filter(({ node }) => node === id).map(({ pid }) => pid) ?? [];
      for (const pid of pids) if (pid !== null) Deno.kill(pid, "SIGKILL");
    },
  },
];

for (const { by, noticed, end } of ENDS) {
  Deno.test({
    name: `session A: two agents are added; the second ends by ${by}, its replicas move, it is used again`,
    ignore: !granted,
    fn: async () => {
      await using resources = new AsyncDisposableStack();
      const data = await Deno.makeTempDir({ prefix: "muster-session-" });
      resources.defer(() => Deno.remove(data, { recursive: true }));
      const first = resources.use(await startProgram("agent"));
      const second = resources.use(await startProgram("agent", { data }));
      const controller = resources.use(await startProgram("controller"));
      const session = openSession(controller, { 8000: controller, 9091: first, 9092: second });

      await openingOf(session, [first, second]);

      const firstNode = nodeAt(await session.status(), first);
      const endMs = performance.now();
      await end(second, session);
      await session.untilReady(2, { where: ({ node }) => node === firstNode.id, withinMs: HEALED_MS });
      assertLess(performance.now() - endMs, HEALED_MS);
      const secondNode = nodeAt(await session.status(), second);
      assertMatch(await controller.logged(`node ${secondNode.name} is lost`), noticed);

      const again = resources.use(await startProgram("agent", { data, port: Number(new URL(second.url).port) }));
      await controller.logged(`node ${secondNode.name} is back`);
      assertEquals(nodeAt(await session.status(), again).id, secondNode.id);
      await session.type(`curl -X POST http://localhost:8000/scale -d "{\\"count\\": 6}"`);
      const six = await session.untilReady(6);
      assert(six.some(({ node }) => node === secondNode.id), "the node that came back is used again");
    },
  });
}

/** Adds both, scales to 4, asks, and scales to 2. */
async function openingOf(session: Session, agents: readonly LocalProgram[]): Promise<void> {
  for (const port of [9091, 9092]) {
    const answer = await session.type(
      `curl -X POST http://localhost:8000/add-node -d "{\\"url\\":\\"http://localhost:${port}\\"}"`,
    );
    assertEquals(JSON.parse(answer).status, "ready");
  }
  await session.type(`curl -X POST http://localhost:8000/scale -d "{\\"count\\": 4}"`);
  await session.untilReady(4);
  const status = JSON.parse(await session.type("curl http://localhost:8000/status"));
  assertEquals(agents.map((agent) => nodeAt(status, agent).replicas), [2, 2]);

  const workers = new Set<string>();
  for (let sent = 0; sent < 4; sent += 1) workers.add(workerOf(await session.type("curl http://localhost:8000/")));
  const replicas: { id: string; pid: number | null }[] = status.services[0].replicas;
  assertEquals(workers, new Set(replicas.map(({ id }) => id)));

  await session.type(`curl -X POST http://localhost:8000/scale -d "{\\"count\\": 2}"`);
  const kept = new Set((await session.untilReady(2)).map(({ id }) => id));
  for (const { pid } of replicas.filter(({ id }) => !kept.has(id))) await untilGone(pid);
}
