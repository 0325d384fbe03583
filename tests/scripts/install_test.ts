/**
 * `scripts/install.sh` from a folder as the build makes it, into a root of its own, and once into this host's own paths
 * behind a mount namespace, with a systemd that only answers.
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { canInstall, canInstallInPlace, type InstallHost, installInPlace, newHost } from "../support/install_host.ts";
import { makeRelease } from "../support/release.ts";

const ignore = !canInstall;
const AGENT = "usr/local/lib/muster/agent";
const VERSION_LINE = /echo "agent ([\d.]+)"/;

async function installedVersion(host: InstallHost): Promise<string | undefined> {
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
      "etc/systemd/system/muster-agent.service.d/token.conf",
      "etc/systemd/system/muster-controller.service",
      "etc/systemd/system/muster-controller.service.d/token.conf",
      "usr/local/lib/muster/agent",
      "usr/local/lib/muster/controller",
      "usr/local/lib/muster/payload",
    ]);
    assertMatch(await host.read("etc/muster/token"), /^[0-9a-f]{64}$/);
    assertEquals(await host.modeOf("etc/muster/token"), 0o600);
    assertEquals(await host.modeOf("etc/muster") & 0o005, 0o005);
    assertEquals(
      await host.read("etc/systemd/system/muster-agent.service.d/token.conf"),
      "[Service]\nLoadCredential=token:/etc/muster/token\nEnvironment=MUSTER_TOKEN_FILE=/run/credentials/%n/token\n",
    );
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
  name: "install.sh --role agent asks for an address and a join token before it does anything",
  ignore,
  fn: async () => {
    await using host = await newHost();
    const remote = ["--role", "agent", "--controller", "http://10.0.0.5:8000"];
    assertStringIncludes((await host.install(...remote)).out, "give --host");
    const tokenless = await host.install(...remote, "--host", "10.0.0.7");
    assertEquals(tokenless.code, 2);
    assertStringIncludes(tokenless.out, "give --join-token-file <file>: run 'muster-controller join-token'");
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
  ignore: !canInstallInPlace,
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
  ignore: !canInstallInPlace,
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
