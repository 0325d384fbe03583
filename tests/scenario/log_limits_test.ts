/**
 * How much is kept of what programs write, changed while they run.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { identities, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";

const KIB = 1_024;

Deno.test("a log is cut by the limits of its spec, and new ones restart nothing", {
  ignore: !granted || Deno.build.os === "windows",
}, async () => {
  await using cluster = await startCluster({ agents: 1 });
  const line = "x".repeat(99);
  const script = `n=0; while :; do n=$((n + 1)); echo "$n ${line}"; [ $((n % 400)) = 0 ] && sleep 0.3; done`;
  const spec = { command: ["/bin/sh", "-c", script], replicas: 1 };
  await cluster.putService("chatty", spec);
  const before = await cluster.ready(1, { service: "chatty" });
  const { id } = before[0]!;
  const folder = `${cluster.agents[0]!.data}/logs`;
  const parts = () =>
    [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.startsWith(`${id}.out.`));
  assertEquals(parts(), []);
  await cluster.putService("chatty", { ...spec, logs: { max_size: "64KiB", max_files: 3, keep: "1d" } });
  await until(() => parts().some((name) => Number(name.split(".").at(-1)) >= 4), {
    what: () => "the log to be cut often",
  });
  await until(() => parts().filter((name) => !name.endsWith(".new")).length === 2, { what: () => "two older parts" });
  assert(Deno.statSync(`${folder}/${id}.out`).size < 1_000 * KIB);
  assertEquals(Deno.readTextFileSync(`${folder}/${id}.keep`), "1d");
  assertEquals(identities(await cluster.ready(1, { service: "chatty" })), identities(before));

  const response = await fetch(`${cluster.controller.url}/v1/services/chatty/logs?tail=1000`);
  const numbers = (await response.text()).trimEnd().split("\n").map((text) => parseInt(JSON.parse(text).line));
  // What is written in the moment of the cut is lost, and nothing comes twice.
  assertEquals(numbers, [...new Set(numbers)].toSorted((a, b) => a - b));
  assert(numbers.length > 640, `${numbers.length} lines`);
});
