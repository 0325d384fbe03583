/**
 * The systemd units, as systemd itself judges them.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { granted } from "../support/granted.ts";
import { canInstall, newHost } from "../support/install_host.ts";
import { JOIN_TOKEN } from "../support/release.ts";

const SERVICES = fileURLToPath(new URL("../../services", import.meta.url));
/** What `systemd-analyze security` may say at most. */
const EXPOSURE_MAX = { controller: 2.2, agent: 5.0 };

/** What the programs rely on, beside what systemd judges. */
const DIRECTIVES = {
  controller: {
    Type: "notify",
    WatchdogSec: "30s",
    Restart: "always",
    StateDirectory: "muster/controller",
    ConfigurationDirectory: "muster",
    ExecStart: "/usr/local/lib/muster/controller serve --data %S/muster/controller",
  },
  agent: {
    Type: "notify",
    WatchdogSec: "30s",
    Restart: "always",
    StateDirectory: "muster/agent",
    ConfigurationDirectory: "muster",
    KillMode: "process",
    Delegate: "yes",
    ExecStart: "/usr/local/lib/muster/agent --data %S/muster/agent --on-exit leave",
  },
} as const;

const ignore = !granted || Deno.build.os !== "linux" || !await hasAnalyzer();
/** Nothing else can judge a unit. */
const reason = granted && ignore ? " (ignored: systemd-analyze isn't installed)" : "";

for (const name of ["controller", "agent"] as const) {
  Deno.test({
    name: `muster-${name}.service has what its program relies on: ${Object.keys(DIRECTIVES[name]).join(", ")}`,
    ignore: !granted,
    fn: async () => {
      const text = await Deno.readTextFile(join(SERVICES, `${name}.service`));
      const found = Object.keys(DIRECTIVES[name]).map((key) => [key, valueOf(key, text)]);
      assertEquals(Object.fromEntries(found), { ...DIRECTIVES[name] });
    },
  });

  Deno.test({
    name: `muster-${name}.service passes systemd-analyze verify${reason}`,
    ignore,
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "muster-test-units-" });
      try {
        assertEquals(await analyze("verify", await unitIn(folder, name)), { code: 0, out: "" });
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });

  Deno.test({
    name: `muster-${name}.service is exposed by ${EXPOSURE_MAX[name]} at most${reason}`,
    ignore,
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "muster-test-units-" });
      try {
        const { out } = await analyze("security", "--offline=yes", "--no-pager", await unitIn(folder, name));
        const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(out)?.[1]);
        assert(exposure <= EXPOSURE_MAX[name], out);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** Each way to prove who one is puts drop-ins of its own beside the units. */
const WAYS_IN = {
  "a shared token": ["--role", "both"],
  "a join token": ["--role", "agent", "--controller", "https://localhost:8000", "--join-token-file"],
  "nothing, for a lab": ["--role", "both", "--insecure"],
};

for (const [what, flags] of Object.entries(WAYS_IN)) {
  Deno.test({
    name: `the units that install.sh writes for ${what} pass systemd-analyze verify with their drop-ins${reason}`,
    ignore: ignore || !canInstall,
    fn: async () => {
      await using host = await newHost();
      const file = join(host.release, "join-token");
      await Deno.writeTextFile(file, JOIN_TOKEN);
      const { code, out } = await host.install(...flags, ...(flags.at(-1) === "--join-token-file" ? [file] : []));
      assertEquals(code, 0, out);
      const written = (await host.files()).filter((path) => path.startsWith("etc/systemd/"));
      assert(written.some((path) => path.endsWith(".conf")), "no drop-in was written");
      for (const path of written.filter((path) => path.endsWith(".service"))) {
        await withoutProgram(join(host.root, path));
        assertEquals(await analyze("verify", join(host.root, path)), { code: 0, out: "" });
      }
    },
  });
}

/** The value of a directive that a unit has once. */
function valueOf(key: string, unit: string): string | undefined {
  return new RegExp(`^${key}=(.*)$`, "m").exec(unit)?.[1];
}

/** A copy of the unit. */
async function unitIn(folder: string, name: string): Promise<string> {
  const path = join(folder, `muster-${name}.service`);
  await Deno.copyFile(join(SERVICES, `${name}.service`), path);
  await withoutProgram(path);
  return path;
}

/** Lets the unit start a program which is there: systemd looks for it. */
async function withoutProgram(path: string): Promise<void> {
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.replace(/^ExecStart=\S+/m, "ExecStart=/bin/true"));
}

async function analyze(...args: string[]): Promise<{ code: number; out: string }> {
  const command = new Deno.Command("systemd-analyze", { args, stdin: "null", env: { SYSTEMD_COLORS: "0" } });
  const { code, stdout, stderr } = await command.output();
  return { code, out: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

async function hasAnalyzer(): Promise<boolean> {
  try {
    return (await analyze("--version")).code === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
