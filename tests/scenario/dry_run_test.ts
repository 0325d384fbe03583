/**
 * Every mutation of the command line with `--dry-run`, against a real little cluster: each says what would come of it, in
 * the form of the contract, and none changes anything.
 * @module
 */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { type Outcome, run } from "../console/cli/fake_controller.ts";
import { startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";

/** Of these a rehearsal answers a plan, or the moves; all others say `dry_run` in their answer. */
const OF_ANOTHER_FORM = /^(apply|deploy|rebalance)\b/;

Deno.test({
  name: "every mutation can be rehearsed, and then changes nothing",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    await using cluster = await startCluster({ agents: [{ args: ["--name", "alpha"] }] });
    const folder = await Deno.makeTempDir({ prefix: "muster-dry-" });
    await using _folder = { [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
    const file = join(folder, "web.json");
    const env = { MUSTER_SERVER: cluster.controller.url };
    const type = (line: string): Promise<Outcome> => run(line.split(" "), { env });
    const done = async (line: string) => assertEquals((await type(line)).code, 0, line);
    const rehearse = async (line: string) => {
      const { code, out, errors } = await type(`${line} --dry-run -o json`);
      assertEquals(code, 0, `${line}: ${errors}`);
      if (!OF_ANOTHER_FORM.test(line)) assertEquals(JSON.parse(out).dry_run, true, line);
      const shown = await type(`${line} --dry-run`);
      assertEquals([shown.code, shown.out.includes("undefined")], [0, false], line);
    };
    const declare = async (name: string, greeting: string) => {
      const update = { canary: 1, min_healthy: "0s" };
      const health = { http: "/readyz", interval: "100ms" };
      const spec = { name, command: ["payload", "--greeting", greeting], replicas: 2, health, update };
      await Deno.writeTextFile(file, JSON.stringify(spec));
    };

    await declare("web", "one");
    await done(`apply -f ${file} --yes -q`);
    await declare("web", "two");
    await done(`apply -f ${file} --yes -q`);
    await done("token create --name ada");
    await done("scale payload=1 -q");
    await declare("api", "three");

    // What is paused can't be promoted, and what isn't can't go on.
    for (const line of ["promote web --force", "pause web"]) await rehearse(line);
    await done("pause web");
    const before = (await cluster.status()).cluster.revision;
    for (
      const line of [
        ...[`apply -f ${file}`, "scale payload=3", "restart payload", "restart payload.0", "rollback web", "rm web"],
        ...["resume web", "stop payload.0", "signal payload.0 hup"],
        ...["node add http://127.0.0.1:9", "node drain alpha", "node activate alpha", "node label alpha zone=b"],
        ...["node rm alpha --force", "rebalance", "token create --name eve", "token rm ada"],
      ]
    ) {
      await rehearse(line);
    }
    assertEquals((await cluster.status()).cluster.revision, before);
  },
});
