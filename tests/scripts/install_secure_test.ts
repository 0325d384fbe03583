/**
 * What `scripts/install.sh` makes of a host that belongs to a secure cluster: no shared token, a join token for the agent,
 * and secrets that reach a unit only where they are.
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { canInstall, canInstallInPlace, installInPlace, newHost } from "../support/install_host.ts";
import { JOIN_TOKEN } from "../support/release.ts";

const ignore = !canInstall;
const AGENT = ["--role", "agent", "--host", "10.0.0.5", "--controller", "https://10.0.0.1:8000"];
const DROP_IN = "etc/systemd/system/muster-agent.service.d/join-token.conf";

Deno.test({
  name: "install.sh --role controller beyond loopback makes it secure, without a shared token",
  ignore,
  fn: async () => {
    await using host = await newHost();
    const { code, out } = await host.install("--role", "controller", "--host", "10.0.0.1");
    assertEquals(code, 0, out);
    assertEquals(await host.files(), [
      "etc/muster/controller.env",
      "etc/systemd/system/muster-controller.service",
      "usr/local/lib/muster/controller",
    ]);
    assertStringIncludes(await host.read("etc/muster/controller.env"), "MUSTER_HOST=10.0.0.1\nMUSTER_SECURE=true\n");
    const again = await host.install("--role", "controller");
    assertEquals(again.code, 0, again.out);
    assertEquals((await host.files()).length, 3);
  },
});

Deno.test({
  name: "install.sh --token-file and settings that are there keep a shared token",
  ignore,
  fn: async () => {
    await using host = await newHost();
    const file = join(host.release, "shared");
    await Deno.writeTextFile(file, "shared\n");
    const { code, out } = await host.install("--role", "controller", "--host", "10.0.0.1", "--token-file", file);
    assertEquals(code, 0, out);
    assertEquals(await host.read("etc/muster/token"), "shared\n");
    assertEquals(/^MUSTER_SECURE/m.test(await host.read("etc/muster/controller.env")), false);
    await host.install("--role", "controller", "--host", "10.0.0.1");
    assertEquals(/^MUSTER_SECURE/m.test(await host.read("etc/muster/controller.env")), false);
    assertStringIncludes(
      await host.read("etc/systemd/system/muster-controller.service.d/token.conf"),
      "LoadCredential=token:/etc/muster/token\n",
    );
  },
});

Deno.test({
  name: "install.sh --join-token-file keeps the token for root alone and hands it to the agent",
  ignore,
  fn: async () => {
    await using host = await newHost();
    const file = join(host.release, "invitation");
    await Deno.writeTextFile(file, ` ${JOIN_TOKEN}\r\n`);
    const { code, out } = await host.install(...AGENT, "--join-token-file", file);
    assertEquals(code, 0, out);
    assertEquals(await host.read("etc/muster/join-token"), `${JOIN_TOKEN}\n`);
    assertEquals(await host.modeOf("etc/muster/join-token"), 0o600);
    assertEquals(
      await host.read(DROP_IN),
      "[Service]\nLoadCredential=join-token:/etc/muster/join-token\n" +
        "Environment=MUSTER_JOIN_TOKEN_FILE=/run/credentials/%n/join-token\n",
    );
    assertStringIncludes(await host.read("etc/muster/agent.env"), "MUSTER_CONTROLLER=https://10.0.0.1:8000\n");
    assertEquals(out.includes(JOIN_TOKEN), false);
  },
});

Deno.test({
  name: "install.sh --join-token-file - takes the token from standard input, and refuses what is none",
  ignore,
  fn: async () => {
    await using host = await newHost();
    const refused = await host.install(...AGENT, "--join-token-file", "-");
    assertEquals(refused.code, 1);
    assertEquals(refused.out, "Cannot install: --join-token-file - holds no join token; copy all of it");
    assertEquals(await host.files(), [""]);

    const args = [join(host.release, "install.sh"), "--root", host.root, ...AGENT, "--join-token-file", "-"];
    const child = new Deno.Command("sh", { args, stdin: "piped", stdout: "null" }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${JOIN_TOKEN}\n`));
    await writer.close();
    assertEquals((await child.status).code, 0);
    assertEquals(await host.read("etc/muster/join-token"), `${JOIN_TOKEN}\n`);
  },
});

Deno.test({
  name: "install.sh wants no join token where the agent has papers",
  ignore,
  fn: async () => {
    await using host = await newHost();
    await Deno.mkdir(join(host.root, "var/lib/muster/agent"), { recursive: true });
    await Deno.writeTextFile(join(host.root, "var/lib/muster/agent/identity.json"), "{}");
    const { code, out } = await host.install(...AGENT);
    assertEquals(code, 0, out);
    assertEquals((await host.files()).filter((path) => /token/.test(path)), []);
  },
});

Deno.test({
  name: "install.sh refuses a join token for a plain URL, for a controller, and beside another way in",
  ignore,
  fn: async () => {
    await using host = await newHost();
    const token = ["--join-token-file", "/dev/null"];
    const cases: [string[], string][] = [
      [["--role", "agent", "--host", "10.0.0.5", "--controller", "http://10.0.0.1:8000", ...token], "an https URL"],
      [["--role", "both", ...token], "--join-token-file is for --role agent"],
      [[...AGENT, ...token, "--insecure"], "give one of"],
      [[...AGENT, ...token, "--token-file", "/dev/null"], "give one of"],
    ];
    for (const [flags, message] of cases) {
      const { code, out } = await host.install(...flags);
      assertEquals(code, 2, out);
      assertStringIncludes(out, message);
    }
    assertEquals(await host.files(), [""]);
  },
});

Deno.test({
  name: "install.sh --role both beyond loopback lets its own agent join by itself",
  ignore: !canInstallInPlace,
  fn: async () => {
    await using host = await newHost();
    const lines = '{"msg":"Agent started","name":"web-1"}\n{"msg":"Registered at the controller"}';
    const { code, out } = await installInPlace(host, { lines, flags: "--host 10.0.0.1" });
    assertEquals(code, 0, out);
    assertEquals(out.split("\n").at(-1), "joined as web-1");
    assertEquals(await host.read("etc/muster/join-token"), `${JOIN_TOKEN}\n`);
    assertStringIncludes(await host.read("etc/muster/agent.env"), "MUSTER_CONTROLLER=https://10.0.0.1:8000\n");
    assertMatch(await host.read(DROP_IN), /^LoadCredential=join-token:/m);
    assertEquals((await host.files()).includes("etc/muster/token"), false);
  },
});
