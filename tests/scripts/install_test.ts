/**
 * `scripts/install.sh` from a folder as the build makes it, into a root of its own, and once into this host's own paths
 * behind a mount namespace, with a systemd that only answers.
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { granted } from "../support/granted.ts";
import { makeRelease } from "../support/release.ts";

const ignore = !granted || Deno.build.os !== "linux";

interface Host extends AsyncDisposable {
  release: string;
  root: string;
  install(...args: string[]): Promise<{ code: number; out: string }>;
  read(path: string): Promise<string>;
  files(): Promise<string[]>;
}

async function newHost(): Promise<Host> {
  const folder = await Deno.makeTempDir({ prefix: "muster-test-install-" });
  const release = join(folder, "release");
  const root = join(folder, "root");
  await makeRelease(release, "1.0.0");
  await Deno.mkdir(root);
  return {
    release,
    root,
    install: (...args) => run("sh", [join(release, "install.sh"), "--root", root, ...args]),
    read: (path) => Deno.readTextFile(join(root, path)),
    files: async () => (await run("find", [root, "-type", "f", "-printf", "%P\n"])).out.split("\n").toSorted(),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function run(program: string, args: string[]): Promise<{ code: number; out: string }> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  return { code, out: (new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr)).trim() };
}

const AGENT = "usr/local/lib/muster/agent";
const VERSION_LINE = /echo "agent ([\d.]+)"/;

async function installedVersion(host: Host): Promise<string | undefined> {
  return VERSION_LINE.exec(await host.read(AGENT))?.[1];
}

Deno.test({
  name: "install.sh puts programs, settings, a token and units in their places",
  ignore,
  fn: async () => {
    await using host = await newHost();
    const { code, out } = await host.install();
    assertEquals(code, 0, out);
    assertEquals(await host.files(), [
      "etc/muster/agent.env",
      "etc/muster/controller.env",
      "etc/muster/token",
      "etc/systemd/system/muster-agent.service",
      "etc/systemd/system/muster-controller.service",
      "usr/local/lib/muster/agent",
      "usr/local/lib/muster/controller",
      "usr/local/lib/muster/payload",
    ]);
    assertMatch(await host.read("etc/muster/token"), /^[0-9a-f]{64}$/);
    assertEquals((await Deno.stat(join(host.root, "etc/muster/token"))).mode! & 0o777, 0o600);
    assertEquals((await Deno.stat(join(host.root, "etc/muster"))).mode! & 0o005, 0o005);
    assertStringIncludes(await host.read("etc/muster/agent.env"), "MUSTER_CONTROLLER=http://127.0.0.1:8000\n");
    assertEquals(await Deno.readLink(join(host.root, "usr/local/bin/muster-agent")), `/${AGENT}`);
  },
});

Deno.test({
  name: "install.sh a second time changes nothing, and never touches settings",
  ignore,
  fn: async () => {
    await using host = await newHost();
    await host.install();
    const token = await host.read("etc/muster/token");
    await Deno.writeTextFile(join(host.root, "etc/muster/agent.env"), "MUSTER_NAME=mine\n");
    const before = await host.files();
    const { code, out } = await host.install("--controller", "http://10.0.0.5:8000");
    assertEquals(code, 0, out);
    assertEquals(await host.files(), before);
    assertEquals(await host.read("etc/muster/agent.env"), "MUSTER_NAME=mine\n");
    assertEquals(await host.read("etc/muster/token"), token);
  },
});

Deno.test({
  name: "install.sh --dry-run names each step and does none",
  ignore,
  fn: async () => {
    await using host = await newHost();
    const { code, out } = await host.install("--dry-run");
    assertEquals(code, 0, out);
    assert(out.split("\n").every((line) => line.startsWith("would: ")), out);
    assertEquals(await host.files(), [""]);
  },
});

Deno.test({
  name: "install.sh refuses a file that is not the one of SHA256SUMS, and leaves the host alone",
  ignore,
  fn: async () => {
    await using host = await newHost();
    await Deno.writeTextFile(join(host.release, "payload"), "#!/bin/sh\necho other\n", { mode: 0o755 });
    const { code, out } = await host.install();
    assertEquals(code, 1);
    assertStringIncludes(out, "payload is not the file that SHA256SUMS names");
    assertEquals(await host.files(), [""]);
  },
});

Deno.test({
  name: "install.sh --rollback puts the former programs back, and back again",
  ignore,
  fn: async () => {
    await using host = await newHost();
    assertEquals((await host.install("--rollback")).code, 1);
    await host.install();
    await makeRelease(host.release, "2.0.0");
    await host.install();
    assertEquals(await installedVersion(host), "2.0.0");
    assertEquals((await host.install("--rollback")).code, 0);
    assertEquals(await installedVersion(host), "1.0.0");
    assertEquals((await host.install("--rollback")).code, 0);
    assertEquals(await installedVersion(host), "2.0.0");
  },
});

Deno.test({
  name: "install.sh --uninstall removes programs and units, and keeps settings",
  ignore,
  fn: async () => {
    await using host = await newHost();
    await host.install();
    const { code, out } = await host.install("--uninstall");
    assertEquals(code, 0, out);
    assertEquals(await host.files(), ["etc/muster/agent.env", "etc/muster/controller.env", "etc/muster/token"]);
  },
});

Deno.test({
  name: "install.sh --role agent asks for an address and a token before it does anything",
  ignore,
  fn: async () => {
    await using host = await newHost();
    const remote = ["--role", "agent", "--controller", "http://10.0.0.5:8000"];
    assertStringIncludes((await host.install(...remote)).out, "give --host");
    assertStringIncludes((await host.install(...remote, "--host", "10.0.0.7")).out, "give --token-file");
    assertEquals((await host.install("--role", "agnet")).code, 2);
    assertEquals(await host.files(), [""]);
    const { code, out } = await host.install(...remote, "--host", "10.0.0.7", "--insecure");
    assertEquals(code, 0, out);
    assertStringIncludes(await host.read("etc/muster/agent.env"), "MUSTER_HOST=10.0.0.7\n");
    const dropIn = await host.read("etc/systemd/system/muster-agent.service.d/insecure.conf");
    assertStringIncludes(dropIn, "MUSTER_INSECURE=true");
  },
});

Deno.test({
  name: "install.sh --prefix is where the units start the programs from",
  ignore,
  fn: async () => {
    await using host = await newHost();
    await host.install("--prefix", "/opt/muster");
    assertStringIncludes(
      await host.read("etc/systemd/system/muster-agent.service"),
      "ExecStart=/opt/muster/lib/muster/agent --data",
    );
  },
});

Deno.test({
  name: "install.sh ends with the name of the node that joined, or with the reason why not",
  ignore: ignore || Deno.uid() !== 0 || !await mayMount(),
  fn: async () => {
    await using host = await newHost();
    const started = '{"msg":"Agent started","address":"127.0.0.1:9090","name":"web-1"}';
    const joined = await installInPlace(host, { lines: `${started}\n{"msg":"Registered at the controller"}` });
    assertEquals(joined.code, 0, joined.out);
    assertEquals(joined.out.split("\n").at(-1), "joined as web-1");
    const refused = await installInPlace(host, { lines: '{"msg":"Cannot register","problem":"it answered 401"}' });
    assertEquals(refused.code, 1, refused.out);
    assertMatch(refused.out.split("\n").at(-1) ?? "", /^not joined within \d+ s: it answered 401;/);
  },
});

Deno.test({
  name: "install.sh without systemd starts the programs itself, and says why one does not start",
  ignore: ignore || Deno.uid() !== 0 || !await mayMount(),
  fn: async () => {
    await using host = await newHost();
    const { code, out } = await installInPlace(host, { systemctl: 1 });
    assertEquals(code, 1, out);
    assertStringIncludes(out, "to start it at boot: sh -c 'set -a; . /etc/muster/controller.env; exec ");
    assertMatch(
      out.split("\n").at(-1) ?? "",
      /^muster-controller does not start: see \/var\/log\/muster\/controller.log$/,
    );
  },
});

async function mayMount(): Promise<boolean> {
  if (ignore) return false;
  try {
    return (await run("unshare", ["--mount", "true"])).code === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

interface Around {
  /** What the journal has. */
  lines?: string;
  /** How systemctl ends, whatever it is asked. */
  systemctl?: 0 | 1;
}

/** Installs into the real paths of a mount namespace, beside a systemctl and a journal that always say the same. */
async function installInPlace({ release, root }: Host, around: Around): Promise<{ code: number; out: string }> {
  const { lines = "", systemctl = 0 } = around;
  const tools = join(root, "tools");
  await Deno.mkdir(tools, { recursive: true });
  await Deno.writeTextFile(join(root, "journal"), `${lines}\n`);
  await Deno.writeTextFile(join(tools, "systemctl"), `#!/bin/sh\nexit ${systemctl}\n`, { mode: 0o755 });
  await Deno.writeTextFile(join(tools, "journalctl"), `#!/bin/sh\ncat ${root}/journal\n`, { mode: 0o755 });
  await Deno.writeTextFile(join(tools, "sleep"), "#!/bin/sh\n", { mode: 0o755 });
  const script = `
    set -e
    mkdir -p ${root}/etc && cp -a /etc/. ${root}/etc && mount --bind ${root}/etc /etc
    for folder in /run /var/lib /var/log; do mount -t tmpfs tmpfs $folder; done
    PATH=${tools}:$PATH sh ${release}/install.sh --prefix ${root}/usr/local`;
  return await run("unshare", ["--mount", "sh", "-c", script]);
}
