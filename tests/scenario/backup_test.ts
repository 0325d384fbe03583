/**
 * What the controller's host took with it comes back from a backup, by the command line, while what runs on other hosts
 * runs on.
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { commandLine, type LocalProgram, startProgram } from "../../scripts/local_program.ts";
import { identities, replicasIn, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";
import { startSecureCluster } from "./secure_cluster.ts";

const scenario = { ignore: !granted || Deno.build.os === "windows" };
const SERVER = `Deno.serve({ port: Number(Deno.env.get("PORT")), hostname: "127.0.0.1", onListen: () => {} },
  () => new Response("one\\n"));\n`;

interface Ended {
  code: number;
  said: string;
}

Deno.test("a controller whose host is gone comes back from its backup, and no replica notices", scenario, async () => {
  await using folder = await temporaryFolder();
  await using cluster = await startCluster({ agents: 2 });
  const { controller } = cluster;
  const type = (...words: string[]) => run([...words, "--server", controller.url], folder.path);
  await cluster.scale(3);
  await Deno.mkdir(join(folder.path, "app"));
  await Deno.writeTextFile(join(folder.path, "app", "main.ts"), SERVER);
  await succeeds(type("deploy", "./app", "--yes", "--health", "tcp"));
  const before = identities(await cluster.ready(3));
  await succeeds(type("backup", "one.backup"));
  await cluster.putService("later", { command: ["payload"], replicas: 1 });
  const [later] = await cluster.ready(1, { service: "later" });

  await controller.stop("SIGKILL");
  await using fresh = await replacementOf(controller);
  const { said, code } = await type("restore", "one.backup", "--yes");
  assertEquals(code, 0, `${said}\n${fresh.log()}`);
  assertMatch(said, /2 services: app, payload\n {2}2 nodes: .*\n {2}1 artifact\n/);
  assertEquals(identities(await cluster.ready(3)), before);
  await cluster.until({
    what: "what the backup doesn't know to be stopped",
    check: ({ services }) => services.every(({ name }) => name !== "later"),
  });
  await gone(later?.port ?? 0);
  // The other agent gets the folder from what was restored.
  await succeeds(type("scale", "app=2"));
  await cluster.ready(2, { service: "app" });
});

Deno.test("a backup from before is restored over what came after, and says what goes", scenario, async () => {
  await using folder = await temporaryFolder();
  await using cluster = await startCluster({ agents: 1 });
  const type = (...words: string[]) => run([...words, "--server", cluster.controller.url], folder.path);
  await cluster.scale(1);
  const before = identities(await cluster.ready(1));
  await succeeds(type("backup", "one.backup"));
  await cluster.scale(2);
  await cluster.putService("later", { command: ["payload"], replicas: 1 });
  await cluster.ready(2);
  await cluster.ready(1, { service: "later" });

  const rehearsal = await succeeds(type("restore", "one.backup", "--dry-run"));
  assertStringIncludes(rehearsal, "- later: is not in it, so that its replicas are stopped");
  await cluster.ready(1, { service: "later" });
  const unasked = await type("restore", "one.backup");
  assertEquals(unasked.code, 2, unasked.said);
  await succeeds(type("restore", "one.backup", "--yes"));
  assertEquals(identities(await cluster.ready(1)), before);
  await cluster.until({ what: "later to be gone", check: (status) => replicasIn(status, "later").length === 0 });
});

Deno.test("a secure controller comes back with the authority that its agents believe", scenario, async () => {
  await using folder = await temporaryFolder();
  await using cluster = await startSecureCluster({ agents: 1 });
  const { controller } = cluster;
  await cluster.scale(2);
  const before = identities(replicasIn(await cluster.status()));
  await succeeds(run(["backup", "one.backup", ...accessTo(controller)], folder.path));
  assertEquals((await Deno.stat(join(folder.path, "one.backup"))).mode! & 0o777, 0o600);

  await controller.stop("SIGKILL");
  await using fresh = await replacementOf(controller, ["--secure"]);
  const said = await succeeds(run(["restore", "one.backup", "--yes", ...accessTo(fresh)], folder.path));
  assertStringIncludes(said, "✓ restored");
  assertEquals(await Deno.readTextFile(join(fresh.data, "authority", "authority.pem")), cluster.caCerts[0]);
  cluster.adminToken = (await Deno.readTextFile(join(fresh.data, "admin.token"))).trim();
  await cluster.until("the replicas to be known again", (status) => {
    const found = replicasIn(status);
    return found.length === 2 && found.every(({ ready }) => ready);
  });
  assertEquals(identities(replicasIn(await cluster.status())), before);
  assert(!cluster.agents[0]!.log().includes("Cannot"), cluster.agents[0]!.log());
});

/** Another controller at the address of one that is gone, with nothing of what that one had. */
function replacementOf({ url }: LocalProgram, args: readonly string[] = []): Promise<LocalProgram> {
  const { port, protocol } = new URL(url);
  return startProgram("controller", { port: Number(port), args, tls: protocol === "https:" });
}

function accessTo({ url, data }: LocalProgram): string[] {
  const [ca, token] = [join(data, "authority", "authority.pem"), join(data, "admin.token")];
  return ["--server", url, "--ca-file", ca, "--token-file", token];
}

async function run(words: readonly string[], cwd: string): Promise<Ended> {
  const [program = "", ...beginning] = commandLine("controller");
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...beginning, ...words],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

async function succeeds(running: Promise<Ended>): Promise<string> {
  const { code, said } = await running;
  assertEquals(code, 0, said);
  return said;
}

/** Nobody listens there any more. */
async function gone(port: number): Promise<void> {
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) return;
      throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix: "muster-backup-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
