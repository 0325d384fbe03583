/**
 * docs/install.md walked from top to bottom: its commands as they are printed, with the addresses of this run, on three
 * hosts that have neither git nor Node nor Deno nor curl nor systemd, from binaries built for the purpose. What stands in
 * for `ssh` and `scp` is told in tests/support/bare_host.ts. It takes a minute, a mirror of Debian and Deno's runtime, so
 * it runs only when MUSTER_BUILD_TESTS=1 asks for it.
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { until } from "../../scripts/local_program.ts";
import { Status } from "../../lib/wire/api.ts";
import { type BareLab, obstacleToBareHosts, openBareLab } from "../support/bare_host.ts";
import { identities, replicasIn } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { buildRelease } from "../support/release.ts";
import { workerOf } from "./session.ts";

const GUIDE = new URL("../../docs/install.md", import.meta.url);
const UPDATE = "Update, go back, remove";
const VERSION = "9.0.0";
const LATER_VERSION = "9.0.1";
const READY_MS = 20_000;
const NOT_THERE = ["git", "node", "npm", "npx", "deno", "curl", "wget", "unzip", "sudo", "systemctl"];

const obstacle = await obstacleHere();
const reason = obstacle === undefined ? "" : ` (${obstacle})`;

Deno.test({
  name: `docs/install.md leads from binaries to a cluster on bare hosts, through an update, and away again${reason}`,
  ignore: obstacle !== undefined,
  fn: async (t) => {
    await using lab = await openBareLab(["control", "first", "second"]);
    const [control = "", first = "", second = ""] = lab.addresses;
    for (const address of lab.addresses) await assertBare(lab, address);
    const release = await buildRelease(join(lab.desk, "dist"), VERSION);
    const walk = await newWalk(lab, { "10.0.0.1": control, "dist/linux-x64": release });

    await t.step("the controller's host", async () => {
      const lines = walk.lines("2. The controller's host");
      assertEquals(lastLine(await lab.type(lines.join("\n"))), "the controller runs");
      // How long a restart takes on a busy disk is not the question here; and it runs again without harm.
      await lab.type(`ssh root@${control} 'echo MUSTER_LOST_AFTER=30s >>/etc/muster/controller.env'`);
      assertEquals(lastLine(await lab.type(lines.at(-1) ?? "")), "the controller runs");
    });
    await t.step("two agents' hosts", async () => {
      for (const [name, address] of Object.entries({ first, second })) {
        const lines = walk.lines("3. Each agent's host", { with: { "10.0.0.5": address } });
        assertEquals(lastLine(await lab.type(lines.join("\n"))), `joined as ${name}`);
      }
    });
    await t.step("a scale and a request", () => useIt(walk));
    await t.step("an update and back, under replicas that run on", () => updateAndBack(walk, { release, host: first }));
    await t.step("the agent's end", () => remove(walk, { name: "first", host: first }));
  },
});

/** Why this test can't run; undefined when it can. */
async function obstacleHere(): Promise<string | undefined> {
  if (!granted) return "needs permissions";
  if (Deno.env.get("MUSTER_BUILD_TESTS") !== "1") return "ignored: MUSTER_BUILD_TESTS=1 asks for it";
  return await obstacleToBareHosts();
}

async function assertBare(lab: BareLab, address: string): Promise<void> {
  const found = await lab.type(
    `ssh root@${address} 'for each in ${NOT_THERE.join(" ")}; do command -v $each; done; :'`,
  );
  assertEquals(found, "");
}

interface Walk {
  lab: BareLab;
  /** The commands of the guide's nth block below a heading, with these texts for those that are printed. */
  lines: (heading: string, options?: { block?: number; with?: Readonly<Record<string, string>> }) => string[];
  status: () => Promise<Status>;
  /** Waits for two ready replicas on nodes of these names; gives who they are. */
  ready: (...nodes: string[]) => Promise<unknown[][]>;
}

async function newWalk(lab: BareLab, replacements: Readonly<Record<string, string>>): Promise<Walk> {
  const guide = await Deno.readTextFile(GUIDE);
  const lines: Walk["lines"] = (heading, { block = 0, with: more = {} } = {}) => {
    const section = guide.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
    let [, text = ""] = [...section.matchAll(/^```sh\n([^]*?)^```/gm)][block] ?? [];
    for (const [printed, here] of Object.entries({ ...replacements, ...more })) text = text.replaceAll(printed, here);
    return text.trim().split("\n").map((line) => line.replace(/\s+#.*$/, ""));
  };
  const [, show = ""] = lines("4. Use it");
  const status = async () => Status.parse(JSON.parse(await lab.type(`${show} -o json`)));
  const ready = (...names: string[]) => {
    let found: Status | undefined;
    return until(async () => {
      found = await status();
      const replicas = replicasIn(found);
      const onNodes = new Set(replicas.map(({ node }) => found?.nodes.find(({ id }) => id === node)?.name));
      const settled = replicas.length === 2 && replicas.every((replica) => replica.ready);
      return settled && [...onNodes].toSorted().join() === names.join() && identities(replicas);
    }, {
      withinMs: READY_MS,
      what: () => `two replicas on ${names.join(" and ")}; last seen: ${JSON.stringify(found)}`,
    });
  };
  return { lab, lines, status, ready };
}

async function useIt({ lab, lines, ready }: Walk): Promise<void> {
  const [scale = "", show = "", greet = ""] = lines("4. Use it");
  assertMatch(await lab.type(scale), /^payload: 2 wanted/);
  await ready("first", "second");
  assertMatch(await lab.type(show), /^first .*\n(?:.*\n)*second /m);
  workerOf(`${await lab.type(greet)}\n`);
}

async function updateAndBack(
  { lab, lines, ready }: Walk,
  { release, host }: { release: string; host: string },
): Promise<void> {
  const before = await ready("first", "second");
  const later = await buildRelease(join(lab.desk, "later"), LATER_VERSION);
  await Deno.rename(release, `${release}.former`);
  await Deno.rename(later, release);
  const [clear, copy, install = "", rollBack = ""] = lines(UPDATE, { with: { "10.0.0.5": host } });
  await lab.type(`${clear}\n${copy}`);
  for (const [line, version] of [[install, LATER_VERSION], [rollBack, VERSION], [rollBack, LATER_VERSION]] as const) {
    assertEquals(lastLine(await lab.type(line)), "joined as first");
    assertEquals(await lab.type(`ssh root@${host} muster-agent --version`), `agent ${version}`);
    assertStringIncludes(await lab.type(`ssh root@${host} cat /var/log/muster/agent.log`), `"version":"${version}"`);
    assertEquals(await ready("first", "second"), before);
  }
}

async function remove(
  { lab, lines, ready, status }: Walk,
  { name, host }: { name: string; host: string },
): Promise<void> {
  const here = { "<name>": name, "10.0.0.5": host };
  const [token, drain] = lines(UPDATE, { block: 1, with: here });
  const [uninstall = "", forget] = lines(UPDATE, { block: 2, with: here });
  assertEquals(JSON.parse(await lab.type(`${token}\n${drain}`)).draining, true);
  await ready("second");
  await lab.type(uninstall);
  const left = `ssh root@${host} 'find /usr/local /etc /run -name "*muster*" -o -path "*/muster/*"'`;
  assertEquals((await lab.type(left)).split("\n").toSorted(), [
    "/etc/muster",
    "/etc/muster/agent.env",
    "/etc/muster/token",
    "/run/muster",
  ]);
  assertEquals(JSON.parse(await lab.type(`${token}\n${forget}`)).removed, true);
  assertEquals((await status()).nodes.map((node) => node.name), ["second"]);
  const [, , greet = ""] = lines("4. Use it");
  workerOf(`${await lab.type(greet)}\n`);
}

function lastLine(text: string): string | undefined {
  return text.split("\n").at(-1);
}
