/**
 * Proofs of docs/security.md, at rest: where secrets lie, and where none may ever be found; and that nobody changes the
 * record of what was done without it being seen.
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { commandLine, replicaPids } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";
import { papersOf, type SecureCluster, startSecureCluster } from "./secure_cluster.ts";

const canRun = granted && Deno.build.os === "linux";
const DEBUG = { args: ["--log-level", "debug"] };
const [WHOLE, BROKEN] = [0, 1];

Deno.test({
  name: "secrets lie in files for one user only, and in no log, command line, environment or record",
  ignore: !canRun,
  fn: async (t) => {
    await using cluster = await startSecureCluster({ agents: [DEBUG, DEBUG], controller: DEBUG });
    const personal = await cluster.ask("/v1/tokens", {
      ...cluster.asAdmin("POST"),
      body: { name: "person", role: "viewer" },
    });
    const { token } = JSON.parse(personal.text);
    await cluster.scale(2);
    assertEquals((await cluster.ask("/status", { token })).status, 200);
    const unused = await cluster.invitation();
    const { controller, agents } = cluster;
    const secrets = await secretsOf(cluster, { person: token, "join token": unused.token.split(".").at(-1)! });

    await t.step("their files are 0600", async () => {
      const paths = agents.map(({ data }) => `${data}/identity.json`);
      for (const path of [`${controller.data}/authority/authority.key`, `${controller.data}/admin.token`, ...paths]) {
        assertEquals([path, modeOf(await Deno.stat(path))], [path, "600"]);
      }
      assertEquals(modeOf(await Deno.stat(`${controller.data}/authority`)), "700");
    });
    await t.step("no log has one", () => {
      for (const program of [controller, ...agents]) assertHasNone(program.log(), secrets, `the ${program.name}'s log`);
    });
    await t.step("no command line, and no replica's environment", async () => {
      const replicas = (await Promise.all(agents.map(({ data }) => replicaPids(data)))).flat();
      assertEquals(replicas.length, 2);
      for (const pid of [controller.pid, ...agents.map(({ pid }) => pid), ...replicas]) {
        assertHasNone(await Deno.readTextFile(`/proc/${pid}/cmdline`), secrets, `the command line of ${pid}`);
      }
      for (const pid of replicas) {
        assertHasNone(await Deno.readTextFile(`/proc/${pid}/environ`), secrets, `the environment of ${pid}`);
      }
    });
    await t.step("no other file of the data folders", async () => {
      const own = /\/(authority\/authority\.key|admin\.token|identity\.json)$/;
      for (const { data } of [controller, ...agents]) {
        for await (const path of filesBelow(data)) {
          if (!own.test(path)) assertHasNone(await textOf(path), secrets, path);
        }
      }
    });
  },
});

Deno.test({
  name: "an audit line that is edited, removed, moved or cut off is found",
  ignore: !canRun,
  fn: async (t) => {
    await using cluster = await startSecureCluster({ agents: 0 });
    for (const replicas of [1, 2, 3]) {
      await cluster.ask("/scale", { ...cluster.asAdmin("POST"), body: { replicas } });
    }
    assertEquals((await cluster.controller.stop()).code, 0);
    const { data } = cluster.controller;
    const [path = ""] = await Array.fromAsync(filesBelow(join(data, "audit")));
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    assert(lines.length >= 3, "there is something to change");
    const verify = async (changed: readonly string[], ...flags: string[]) => {
      await Deno.writeTextFile(path, `${changed.join("\n")}\n`);
      return await audited(data, flags);
    };
    const at = lines.findIndex((line) => line.includes("replicas=2"));
    assert(at > 0, lines.join("\n"));

    const whole = await verify(lines);
    assertEquals(whole.code, WHOLE, whole.text);
    const changes = {
      edited: lines.with(at, lines[at]!.replace("replicas=2", "replicas=9")),
      removed: lines.toSpliced(at, 1),
      moved: lines.toSpliced(at, 2, lines[at + 1]!, lines[at]!),
    };
    for (const [name, changed] of Object.entries(changes)) {
      await t.step(name, async () => {
        const { code, text } = await verify(changed);
        assertEquals(code, BROKEN, text);
        assertMatch(text, /BROKEN\s+line \d+/);
      });
    }
    await t.step("cut off at its end, for who has noted the last hash", async () => {
      const [, hash = ""] = /^last\s+(\w+)$/m.exec(whole.text) ?? [];
      assertEquals((await verify(lines, "--expect", hash)).code, WHOLE);
      assertEquals((await verify(lines.slice(0, -1), "--expect", hash)).code, BROKEN);
    });
  },
});

/** By what they are, with the part of each that tells. */
async function secretsOf(cluster: SecureCluster, more: Record<string, string>): Promise<Map<string, string>> {
  const key = await Deno.readTextFile(`${cluster.controller.data}/authority/authority.key`);
  const secrets = new Map([...Object.entries(more), ["admin token", cluster.adminToken], ["authority", secretOf(key)]]);
  for (const agent of cluster.agents) {
    const papers = await papersOf(agent);
    secrets.set(`${agent.url} key`, secretOf(papers.key));
    secrets.set(`${agent.url} credential`, papers.credential);
    secrets.set(`${agent.url} peer credential`, papers.peer_credential);
  }
  return secrets;
}

/** The line of a key in PEM in which there is more than its kind. */
function secretOf(pem: string): string {
  return pem.split("\n")[2]!;
}

function assertHasNone(text: string, secrets: ReadonlyMap<string, string>, where: string): void {
  for (const [what, secret] of secrets) {
    assert(secret.length > 20, what);
    assert(!text.includes(secret), `${where} has a secret: ${what}`);
  }
}

function modeOf({ mode }: Deno.FileInfo): string {
  return (mode! & 0o777).toString(8);
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesBelow(join(folder, name));
    else if (isFile) yield join(folder, name);
  }
}

/** Byte for byte: texts are found in it, whatever else it holds. */
async function textOf(path: string): Promise<string> {
  return new TextDecoder("latin1").decode(await Deno.readFile(path));
}

async function audited(data: string, flags: readonly string[]): Promise<{ code: number; text: string }> {
  const [program = "", ...args] = [...commandLine("controller"), "audit", "verify", "--data", data, ...flags];
  const { code, stdout } = await new Deno.Command(program, { args, env: { NO_COLOR: "1" } }).output();
  return { code, text: new TextDecoder().decode(stdout) };
}
