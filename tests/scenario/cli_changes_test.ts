/**
 * What an operator changes by the command line, from a plan to the end of it: each command as a process of its own, as a
 * script would call it, against a real little cluster.
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { z } from "zod";
import { Rebalance } from "../../lib/wire/rebalance.ts";
import { Scaled } from "../../lib/wire/api.ts";
import { Applied, Planned, RolledBack, ServiceWritten, Steered } from "../../lib/wire/change.ts";
import { NodeRemoved, NodeWritten } from "../../lib/wire/node.ts";
import { ReplicaSignalled, ReplicaWritten } from "../../lib/wire/replica_signal.ts";
import { commandLine } from "../../scripts/local_program.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";

const scenario = { ignore: !granted || Deno.build.os === "windows" };

interface Ended {
  code: number;
  out: string;
  said: string;
}

interface Terminal extends AsyncDisposable {
  folder: string;
  /** Runs a line to its end. */
  type: (line: string) => Promise<Ended>;
  /** The same with `-o json`, which has to be what the contract says and to exit with that code. */
  data: <S extends z.ZodType>(line: string, schema: S, code?: number) => Promise<z.output<S>>;
  /** Writes a file into the folder in which commands are run. */
  write: (path: string, text: string) => Promise<void>;
}

async function openTerminal(cluster: Cluster): Promise<Terminal> {
  const folder = await Deno.makeTempDir({ prefix: "muster-cli-" });
  const [program = "", ...beginning] = commandLine("controller");
  const type = async (line: string): Promise<Ended> => {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...beginning, ...line.split(" "), "--server", cluster.controller.url],
      cwd: folder,
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    return { code, out: new TextDecoder().decode(stdout), said: new TextDecoder().decode(stderr) };
  };
  return {
    folder,
    type,
    data: async (line, schema, expected = 0) => {
      const { code, out, said } = await type(`${line} -o json`);
      assertEquals(code, expected, `${line}\n${out}${said}`);
      return schema.parse(JSON.parse(out));
    },
    write: (path, text) => Deno.writeTextFile(join(folder, path), text),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** A release of the payload that proves itself quickly. */
function web(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({
    name: "web",
    command: ["payload"],
    replicas: 2,
    health: { http: "/readyz", interval: "100ms", start_period: "5s" },
    update: { min_healthy: "200ms" },
    restart: { backoff: "50ms" },
    stop: { timeout: "2s" },
    ...fields,
  });
}

const AGENTS = ["alpha", "beta"].map((name) => ({ args: ["--name", name] }));

Deno.test("plan, apply, a bad update that is rolled back, rollback, drain and rm", scenario, async (test) => {
  await using cluster = await startCluster({ agents: AGENTS });
  await using terminal = await openTerminal(cluster);
  const { type, data, write } = terminal;

  await test.step("plan shows what would start and changes nothing", async () => {
    await write("web.json", web());
    const { code, out } = await type("plan -f web.json");
    assertEquals(code, 0, out);
    assertMatch(out, /^web {2}new\n {2}\+ command: \["payload"\]\n {2}\+ replicas: 2\n/);
    assertMatch(out, /start +web\.0 +(alpha|beta) /);
    assertStringIncludes(out, "2 to start; then all is as wanted.");
    const planned = await data("plan -f .", Planned);
    assertEquals(planned.services.map(({ outcome }) => outcome), ["created"]);
    assertEquals((await type("wait --for ready web")).code, 3);
  });

  await test.step("apply asks nobody in a script, and follows until it runs", async () => {
    const unasked = await type("apply -f web.json");
    assertEquals(unasked.code, 2);
    assertStringIncludes(unasked.said, "say --yes");
    const { code, out, said } = await type("apply -f web.json --yes");
    assertEquals(code, 0, out + said);
    assertMatch(said, /^web {2}generation 1 {2}.*ready/m);
    assertMatch(said, /✓ web {2}generation 1 runs: 2 of 2 ready {2}\(/);
    const again = await type("apply -f web.json");
    assertEquals([again.code, again.out.includes("Nothing to do")], [0, true]);
  });

  await test.step("an update that fails says why, with the last words, and that it was rolled back", async () => {
    await write("web.json", web({ command: ["/bin/sh", "-c", "echo first; echo the disk is full; exit 3"] }));
    const { code, out, said } = await type("apply -f web.json --yes");
    assertEquals(code, 1, out + said);
    assertStringIncludes(out, '  − command: ["payload"]\n  + command: ["/bin/sh"');
    assertMatch(
      said,
      /✗ web: generation 2 failed: web\.\d crashed 3 times; last: exit code 3; rolled back to generation 1/,
    );
    assertStringIncludes(said, "    the disk is full\n");
    assertEquals((await type("wait --for rollout web")).code, 1);
  });

  await test.step("a good update, and the way back by hand, which shows what becomes other", async () => {
    await write("web.json", web({ env: { GREETING: "hello" } }));
    const applied = await data("apply -f web.json --yes", Applied);
    assertEquals(applied.services.map(({ outcome, changes }) => [outcome, changes]), [["changed", ["env.GREETING"]]]);
    const rehearsed = await type("rollback web --dry-run");
    assertStringIncludes(rehearsed.out, '  − env.GREETING: "hello"\n');
    const { code, said } = await type("rollback web");
    assertEquals(code, 0, said);
    assertMatch(said, /✓ web {2}generation 5 runs/);
    assertEquals((await data("rollback web --to 4", RolledBack)).to, 4);
  });

  await test.step("scale, restart, stop and signal", async () => {
    assertEquals((await data("scale web=3", Scaled)).desired, 3);
    assertEquals((await data("restart web", ServiceWritten)).generation, 7);
    const one = await type("restart web.1");
    assertEquals(one.code, 0, one.said);
    assertMatch(one.said, /✓ web\.1 {2}restarted and ready/);
    assertEquals((await data("signal web.0 cont", ReplicaSignalled)).signal, "SIGCONT");
    assertEquals((await data("stop web.2", ReplicaWritten)).name, "web.2");
    assertEquals((await type("wait web")).code, 0);
    assertEquals((await type("stop web.9")).code, 3);
    assertEquals((await type("pause web")).code, 4);
  });

  await test.step("what finds no place ends with 5, and each node's reason", async () => {
    await write("big.json", web({ name: "big", resources: { memory: 16_000_000 } }));
    assertEquals((await type("plan -f big.json")).code, 5);
    const { code, said } = await type("apply -f big.json --yes");
    assertEquals(code, 5, said);
    assertMatch(said, /✗ big: no place for 2 replicas\n {2}alpha: needs 16000000 MiB/);
    const late = await type("wait --for ready big --timeout 300ms");
    assertEquals(late.code, 6, late.said);
    assertStringIncludes(late.said, "controller wait --for ready big");
    const gone = await data("rm big --yes", ServiceWritten);
    assertEquals(gone.removed, true);
    assertEquals((await type("wait --for gone big")).code, 0);
  });

  await test.step("a canary waits for a word, and gets it", async () => {
    await write("web.json", web({ env: { GREETING: "tried" }, update: { canary: 1, min_healthy: "0s" } }));
    const { code, said } = await type("apply -f web.json --yes");
    assertEquals(code, 0, said);
    assertStringIncludes(said, '"controller promote web" lets it take over');
    assertEquals((await data("pause web", Steered)).rollout?.paused, true);
    assertEquals((await data("resume web", Steered)).rollout?.paused, false);
    await data("promote web --force", Steered);
    assertEquals((await type("wait --for rollout web")).code, 0);
  });

  await test.step("deploy runs a folder, and uploads only what is new in it", async () => {
    const blob = crypto.getRandomValues(new Uint8Array(60_000));
    await Deno.mkdir(join(terminal.folder, "app"));
    await Deno.writeFile(join(terminal.folder, "app", "blob"), blob);
    const program = (text: string) => write("app/run", `#!/bin/sh\necho ${text}\nexec sleep 600\n`);
    await program("one");
    await Deno.chmod(join(terminal.folder, "app", "run"), 0o755);
    const first = await type("deploy app --yes");
    assertEquals(first.code, 0, first.out + first.said);
    assertMatch(first.said, /^run: \.\/run {3}2 files, 59 KiB\nno health check: .*\nuploaded 59 KiB of 59 KiB\n/);
    await program("two");
    const second = await type("deploy app --yes --env A=1");
    assertMatch(
      second.said,
      /^as app runs already: \.\/run .*\nno health check: .*\nuploaded \d+ B of 59 KiB, the rest was there\n/,
    );
    assertMatch(second.out, /− artifact\.sha256: .*\n {2}\+ artifact\.sha256: .*\n {2}\+ env\.A: "1"\n/);
    assertMatch(second.said, /✓ app {2}generation 2 runs: 1 of 1 ready/);
    assertEquals((await type("rm app -y --no-wait")).code, 0);
  });

  await test.step("a node is labelled, drained, active again, and removed", async () => {
    assertEquals((await data("node label beta zone=b", NodeWritten)).labels.zone, "b");
    assertEquals((await type("node label beta zone-")).out.includes("zone"), false);
    const { code, said } = await type("node drain beta");
    assertEquals(code, 0, said);
    assertMatch(said, /✓ beta {2}is empty: \d+ replicas? moved/);
    assertEquals((await data("node activate beta", NodeWritten)).draining, false);
    await data("rebalance --dry-run", Rebalance);
    await data("node drain beta", NodeWritten);
    assertEquals((await data("node rm beta --yes", NodeRemoved)).removed, true);
    assertEquals((await type("node rm beta --yes")).code, 3);
  });

  await test.step("rm follows until the last replica is gone", async () => {
    assertEquals((await type("rm web")).code, 2);
    const { code, said } = await type("rm web --yes");
    assertEquals(code, 0, said);
    assertMatch(said, /✓ web {2}is gone/);
    assert((await cluster.status()).services.every(({ name }) => name !== "web"));
  });
});
