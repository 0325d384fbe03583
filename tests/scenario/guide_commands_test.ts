/**
 * The commands of the guides, as they stand there, against a cluster in which there is something to do for each.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { isInstalled } from "../support/installed.ts";

const GUIDES = ["specs", "updates", "explain", "placement", "nodes"];
/** What a guide's reader has for a controller. */
const SERVER = "http://localhost:8000";

const missing = granted && !isInstalled("curl");

function guide(name: string): string {
  return Deno.readTextFileSync(new URL(`../../docs/guide/${name}.md`, import.meta.url));
}

/** The lines of its shell blocks; what takes something away comes last. */
function commandsOf(name: string): string[] {
  const blocks = [...guide(name).matchAll(/^```sh\n([^]*?)^```/gm)].map(([, text = ""]) => text);
  const lines = blocks.flatMap((block) => block.trimEnd().split("\n"));
  return [...lines.filter((line) => !line.includes("DELETE")), ...lines.filter((line) => line.includes("DELETE"))];
}

/** The example that the guides call web.yaml. */
function webYaml(): string {
  const [, yaml] = /^```yaml\n(name: web\n[^]*?)^```/m.exec(guide("updates")) ?? [];
  assert(yaml !== undefined);
  return yaml;
}

let release = 0;

/** Brings the update that is under way to its end, if there is one. */
async function finishUpdate(cluster: Cluster): Promise<void> {
  await cluster.untilService("web", {
    what: "the former update to be over",
    check: async ({ rollout }) => {
      if (rollout?.paused === true) await cluster.post("/v1/services/web/resume", {});
      if (rollout?.phase === "canary") await cluster.post("/v1/services/web/promote", {});
      return rollout === null || rollout.phase === "done";
    },
  });
}

/** Begins an update that waits for somebody's word. */
async function tryCanary(cluster: Cluster): Promise<void> {
  release += 1;
  await finishUpdate(cluster);
  const update = { canary: 1, min_healthy: "0s" };
  const env = { RELEASE: String(release) };
  await cluster.putService("web", { command: ["payload"], replicas: 3, health: { http: "/readyz" }, update, env });
}

/** Makes sure that there is something to do for a command. */
async function prepare(cluster: Cluster, command: string): Promise<void> {
  const verb = /\/services\/web\/(\w+)/.exec(command)?.[1] ?? "";
  if (["rollback", "pause", "resume", "promote"].includes(verb)) await tryCanary(cluster);
  if (verb === "restart") await finishUpdate(cluster);
  if (verb === "promote") {
    const check = ({ ready, desired }: { ready: number; desired: number }) => ready > desired;
    await cluster.untilService("web", { what: "the canary to be ready beside the others", check });
  }
  if (verb === "resume") await cluster.post("/v1/services/web/pause", {});
  if (!command.includes("DELETE")) return;
  await cluster.post("/v1/nodes/n1/drain", { deadline: "1s" });
  await cluster.until({
    what: "the node to be empty",
    check: ({ nodes }) => nodes.some(({ name, replicas }) => name === "n1" && replicas === 0),
  });
}

Deno.test({
  name: `the commands of the guides do what they say${missing ? " (ignored: curl not installed)" : ""}`,
  ignore: !granted || missing || Deno.build.os === "windows",
  fn: async () => {
    await using cluster = await startCluster({ agents: [{ args: ["--name", "n1"] }, { args: ["--name", "n2"] }] });
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/web.yaml`, webYaml());
      let asked = 0;
      for (const line of GUIDES.flatMap(commandsOf)) {
        if (!line.startsWith("curl ")) continue;
        if (!line.includes("@web.yaml")) await prepare(cluster, line);
        const command = line.replaceAll(SERVER, cluster.controller.url).replace(
          /^curl /,
          "curl -sS -w '\n%{http_code}' ",
        );
        const { stdout, stderr } = await new Deno.Command("sh", { args: ["-c", command], cwd: folder }).output();
        const output = new TextDecoder().decode(stdout);
        const status = output.slice(output.lastIndexOf("\n") + 1);
        assertEquals(status[0], "2", `${line}\n${output}${new TextDecoder().decode(stderr)}`);
        asked += 1;
      }
      assert(asked >= 20, `${asked} commands`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
