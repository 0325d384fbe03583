/**
 * `deno task build` for this machine, and a cluster of its binaries. It takes seconds and needs Deno's runtime, from the
 * network or in DENORT_BIN, so it runs only when MUSTER_BUILD_TESTS=1 asks for it.
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startProgram, until } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const BUILD = join(PROJECT, "scripts/build.ts");
const asked = granted && Deno.env.get("MUSTER_BUILD_TESTS") === "1";
const reason = granted && !asked ? " (ignored: MUSTER_BUILD_TESTS=1 asks for it)" : "";

Deno.test({
  name: `deno task build makes binaries that pass their checksums, install, and run a cluster that heals${reason}`,
  ignore: !asked || Deno.build.os !== "linux",
  fn: async (t) => {
    const out = await Deno.makeTempDir({ prefix: "muster-test-build-" });
    try {
      const built = await run(Deno.execPath(), ["run", "-A", BUILD, "--out", out]);
      assertEquals(built.code, 0, built.out);
      const [target] = [...Deno.readDirSync(out)];
      const folder = join(out, target!.name);
      await t.step("SHA256SUMS names every file", async () => {
        const files = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name !== "SHA256SUMS");
        const sums = await Deno.readTextFile(join(folder, "SHA256SUMS"));
        assertEquals([...sums.matchAll(/ {2}(\S+)$/gm)].map(([, name]) => name!).toSorted(), files.toSorted());
        assertEquals((await run("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: folder })).code, 0);
      });
      await t.step("install.sh takes the folder as it is", async () => {
        const { code, out: text } = await run("sh", [join(folder, "install.sh"), "--root", join(out, "root")]);
        assertEquals(code, 0, text);
        const version = await run(join(out, "root/usr/local/lib/muster/agent"), ["--version"]);
        assertMatch(version.out, /^agent \d/);
      });
      await t.step("each program reads its configuration file", async () => {
        await Deno.writeTextFile(join(out, "wrong.yaml"), "port: none\n");
        for (const name of ["controller", "agent", "payload"]) {
          const { out: text } = await run(join(folder, name), ["--config-file", join(out, "wrong.yaml")]);
          assertStringIncludes(text, "none");
        }
      });
      await t.step("the dashboard is in the controller", () => {
        return withBinaries(folder, async () => {
          await using controller = await startProgram("controller");
          const page = await (await fetch(`${controller.url}/ui/services/web`)).text();
          const [, script] = /src="([^"]+)"/.exec(page) ?? [];
          const response = await fetch(`${controller.url}${script}`);
          assertEquals(response.status, 200, page);
          assertStringIncludes(await response.text(), "Muster");
        });
      });
      await t.step("controller, agents and payload work together, and a killed replica comes back", () => {
        return withBinaries(folder, runCluster);
      });
    } finally {
      await Deno.remove(out, { recursive: true });
    }
  },
});

Deno.test({
  name: `plain deno compile -A makes working binaries of the three entry points${reason}`,
  ignore: !asked || Deno.build.os !== "linux",
  fn: async () => {
    const out = await Deno.makeTempDir({ prefix: "muster-test-compile-" });
    try {
      const deno = Deno.env.get("MUSTER_BUILD_DENO") ?? Deno.execPath();
      for (const name of ["controller", "agent", "payload"]) {
        const args = ["compile", "-A", "--output", join(out, name), `${name}.ts`];
        const { code, out: text } = await run(deno, args, { cwd: PROJECT });
        assertEquals(code, 0, text);
      }
      await withBinaries(out, runCluster);
    } finally {
      await Deno.remove(out, { recursive: true });
    }
  },
});

Deno.test({
  name: "deno task build names the targets when it is asked for another, and takes one at a time with DENORT_BIN",
  ignore: !granted,
  fn: async () => {
    const unknown = await run(Deno.execPath(), ["run", "-A", BUILD, "--target", "amiga"]);
    assertEquals(unknown.code, 2);
    assertStringIncludes(unknown.out, "Unknown target: amiga");
    assertStringIncludes(unknown.out, "linux-arm64");
    const several = await run(Deno.execPath(), ["run", "-A", BUILD, "--all"], { env: { DENORT_BIN: "/nowhere" } });
    assertEquals(several.code, 2);
    assertStringIncludes(several.out, "build one --target at a time");
  },
});

/** Lets the programs that are started meanwhile be those binaries. */
async function withBinaries(folder: string, work: () => Promise<void>): Promise<void> {
  const former = Deno.env.get("MUSTER_BINARIES");
  Deno.env.set("MUSTER_BINARIES", folder);
  try {
    await work();
  } finally {
    if (former === undefined) Deno.env.delete("MUSTER_BINARIES");
    else Deno.env.set("MUSTER_BINARIES", former);
  }
}

async function runCluster(): Promise<void> {
  await using controller = await startProgram("controller");
  await using first = await startProgram("agent");
  await using second = await startProgram("agent");
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${controller.url}${path}`, { method: "POST", body: JSON.stringify(body) });
    await response.body?.cancel();
  };
  for (const { url } of [first, second]) await post("/add-node", { url });
  await post("/scale", { replicas: 3 });
  const replicas = async () => {
    const status = await (await fetch(`${controller.url}/status`)).json();
    return status.services[0].replicas.filter(({ ready }: { ready: boolean }) => ready) as {
      id: string;
      pid: number;
    }[];
  };
  await until(async () => (await replicas()).length === 3, { what: "three ready replicas" });
  assertMatch(
    await (await fetch(`${controller.url}/`)).text(),
    /^Hello from Worker ID: [0-9a-f-]{36}\. Uptime: \d+s\n$/,
  );
  const [victim] = await replicas();
  Deno.kill(victim!.pid, "SIGKILL");
  await until(
    async () => {
      const now = await replicas();
      return now.length === 3 && now.every(({ pid }) => pid !== victim!.pid);
    },
    { what: "the killed replica to be replaced" },
  );
}

async function run(
  program: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<{ code: number; out: string }> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null", ...options }).output();
  return { code, out: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}
