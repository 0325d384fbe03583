/**
 * docs/install.md walked from top to bottom: its commands as they are printed, with the addresses of this run, on hosts
 * that have neither git nor Node nor Deno nor curl nor systemd, from binaries built for the purpose, to a cluster in which
 * everything is encrypted and an operator has a token of their own. What stands in for `ssh` and `scp` is told in
 * tests/support/bare_host.ts. It takes two minutes, a mirror of Debian and Deno's runtime, so it runs only when
 * MUSTER_BUILD_TESTS=1 asks for it.
 * @module
 */
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { until } from "../../scripts/local_program.ts";
import { Status } from "../../lib/wire/api.ts";
import { type BareLab, obstacleToBareHosts, openBareLab } from "../support/bare_host.ts";
import { identities, replicasIn } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { buildRelease } from "../support/release.ts";
import { workerOf } from "./session.ts";

const GUIDE = new URL("../../docs/install.md", import.meta.url);
const SECURE_GUIDE = new URL("../../docs/guide/secure-cluster.md", import.meta.url);
const USE = "4. Use it";
const UPDATE = "Update, go back, remove";
const VERSION = "9.0.0";
const LATER_VERSION = "9.0.1";
/** What the walk to a secure cluster may ask of a person on each host. */
const COMMANDS_MAX = 3;
const READY_MS = 20_000;
const NOT_THERE = ["git", "node", "npm", "npx", "deno", "curl", "wget", "unzip", "sudo", "systemctl"];

const obstacle = await obstacleHere();
const reason = obstacle === undefined ? "" : ` (${obstacle})`;

Deno.test({
  name:
    `docs/install.md leads from binaries to a secure cluster on bare hosts, through an update, and away again${reason}`,
  ignore: obstacle !== undefined,
  fn: async (t) => {
    await using lab = await openBareLab(["control", "first", "second", "alone", "former"]);
    const [control = "", first = "", second = "", alone = "", former = ""] = lab.addresses;
    for (const address of lab.addresses) await assertBare(lab, address);
    const release = await buildRelease(join(lab.desk, "dist"), VERSION);
    const walk = await newWalk(lab, { "10.0.0.1": control, "dist/linux-x64": release });

    await t.step("the controller's host", async () => {
      const lines = walk.lines("2. The controller's host");
      assert(lines.length <= COMMANDS_MAX);
      assertEquals(lastLine(await lab.type(lines.join("\n"))), "the controller runs");
      // How long a restart takes on a busy disk is not the question here; and it runs again without harm.
      await lab.type(`ssh root@${control} 'echo MUSTER_LOST_AFTER=30s >>/etc/muster/controller.env'`);
      assertEquals(lastLine(await lab.type(lines.at(-1) ?? "")), "the controller runs");
    });
    await t.step("two agents' hosts", () => addAgents(walk, { first, second }));
    await t.step("everything is encrypted, and nobody comes in without a token", async () => {
      for (const address of [`${control}:8000/v1/nodes`, `${first}:9090/v1/health`]) await assertClosed(lab, address);
    });
    await t.step("an operator's token, a scale and a request", () => useIt(walk));
    await t.step("an update and back, under replicas that run on", () => updateAndBack(walk, { release, host: first }));
    await t.step("the agent's end", () => remove(walk, { name: "first", host: first }));
    await t.step("a host that is both", () => runBoth(walk, { name: "alone", host: alone }));
    await t.step("a shared token, and from there to identities", () => outgrow(walk, { name: "former", host: former }));
  },
});

Deno.test({
  name: "docs/guide/secure-cluster.md leads by the same commands, at most three for each host",
  ignore: !granted,
  fn: async () => {
    const { blocks } = await readGuide(SECURE_GUIDE);
    const installing = await readGuide(GUIDE);
    const walk = blocks("From two bare hosts");
    assertEquals(walk, ["2. The controller's host", "3. Each agent's host", USE].flatMap(installing.blocks));
    for (const lines of walk.slice(0, 2)) assert(lines.length <= COMMANDS_MAX);
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

interface Guide {
  /** The commands of each block below a heading, without their comments. */
  blocks: (heading: string) => string[][];
}

async function readGuide(guide: URL): Promise<Guide> {
  const sections = (await Deno.readTextFile(guide)).split(/^## /m);
  const blocks = (heading: string) => {
    const section = sections.find((text) => text.startsWith(`${heading}\n`)) ?? "";
    const texts = [...section.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, text = ""]) => text.trim());
    return texts.map((text) => text.split("\n").map((line) => line.replace(/\s+#.*$/, "")));
  };
  return { blocks };
}

async function newWalk(lab: BareLab, replacements: Readonly<Record<string, string>>): Promise<Walk> {
  const { blocks } = await readGuide(GUIDE);
  const lines: Walk["lines"] = (heading, { block = 0, with: more = {} } = {}) =>
    (blocks(heading)[block] ?? []).map((line) =>
      Object.entries({ ...replacements, ...more }).reduce(
        (text, [printed, here]) => text.replaceAll(printed, here),
        line,
      )
    );
  const [, , , show = ""] = lines(USE);
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

/** The second host is first tried with what let the first one in. */
async function addAgents({ lab, lines }: Walk, { first, second }: Record<"first" | "second", string>): Promise<void> {
  const at = (address: string) => lines("3. Each agent's host", { with: { "10.0.0.5": address } });
  assert(at(first).length <= COMMANDS_MAX);
  assertEquals(lastLine(await lab.type(at(first).join("\n"))), "joined as first");
  const [copy = "", join = ""] = at(second);
  await lab.type(copy);
  const withUsed = join.replace(/^.* \| /, `ssh root@${first} cat /etc/muster/join-token | `);
  const { message } = await assertRejects(() => lab.type(withUsed), Error);
  assertStringIncludes(message, "this join token was used by another host");
  for (const line of [join, `ssh root@${second} sh muster/install.sh --role agent`]) {
    assertEquals(lastLine(await lab.type(line)), "joined as second");
  }
}

/** Who comes without a token is refused, whomever they believe; plain text is not understood. */
async function assertClosed(lab: BareLab, address: string): Promise<void> {
  assertEquals(await lab.type(`curl -sk -o answer -w '%{http_code}' https://${address}`), "401");
  await assertRejects(() => lab.type(`curl -sS http://${address}`), Error);
}

async function useIt({ lab, lines, ready }: Walk): Promise<void> {
  const [certificate = "", token = "", scale = "", show = "", greet = ""] = lines(USE);
  assertMatch(await lab.type(`${certificate}\n${token}`), /^prod: https:/);
  const beyond = show.replace(/status$/, "join-token");
  const { message } = await assertRejects(() => lab.type(beyond), Error);
  assertMatch(message, /ops.*operator/);
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
  const [drain = ""] = lines(UPDATE, { block: 1, with: here });
  const [uninstall = "", forget = ""] = lines(UPDATE, { block: 2, with: here });
  assertEquals(JSON.parse(await lab.type(drain)).draining, true);
  await ready("second");
  await lab.type(uninstall);
  const left = `ssh root@${host} 'find /usr/local /etc /run -name "*muster*" -o -path "*/muster/*"'`;
  assertEquals((await lab.type(left)).split("\n").toSorted(), [
    "/etc/muster",
    "/etc/muster/agent.env",
    "/etc/muster/join-token",
    "/run/muster",
  ]);
  assertEquals(JSON.parse(await lab.type(forget)).removed, true);
  assertEquals((await status()).nodes.map((node) => node.name), ["second"]);
  const [, , , , greet = ""] = lines(USE);
  workerOf(`${await lab.type(greet)}\n`);
  // Its papers are worth nothing now; a new token lets it come back.
  const [, join = ""] = lines("3. Each agent's host", { with: here });
  assertEquals(lastLine(await lab.type(join)), `joined as ${name}`);
}

/** Its agent joins by itself, once. */
async function runBoth({ lab, lines }: Walk, { name, host }: { name: string; host: string }): Promise<void> {
  const [copy = ""] = lines("3. Each agent's host", { with: { "10.0.0.5": host } });
  await lab.type(copy);
  const install = `ssh root@${host} sh muster/install.sh --role both`;
  for (const line of [`${install} --host ${host}`, install]) {
    assertEquals(lastLine(await lab.type(line)), `joined as ${name}`);
  }
  await assertClosed(lab, `${host}:9090/v1/health`);
}

/** By what the guide tells of clusters that were installed with a token that all share. */
async function outgrow({ lab, lines }: Walk, { name, host }: { name: string; host: string }): Promise<void> {
  const [copy = ""] = lines("3. Each agent's host", { with: { "10.0.0.5": host } });
  await lab.type(`${copy}\nssh root@${host} 'echo a-token-that-all-share >muster/token'`);
  const install = `ssh root@${host} sh muster/install.sh --role both`;
  const shared = await lab.type(`${install} --host ${host} --token-file muster/token`);
  assertEquals(lastLine(shared), `joined as ${name}`);
  await lab.type(`curl -sS http://${host}:8000/healthz`);

  const settings = "sed -i s,http:,https:, agent.env; echo MUSTER_SECURE=true >>controller.env";
  await lab.type(`ssh root@${host} 'cd /etc/muster; ${settings}'`);
  assertEquals(lastLine(await lab.type(install)), `joined as ${name}`);
  await assertClosed(lab, `${host}:9090/v1/health`);
}

function lastLine(text: string): string | undefined {
  return text.split("\n").at(-1);
}
