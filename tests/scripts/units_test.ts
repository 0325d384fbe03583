/**
 * The systemd units, as systemd itself judges them.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { granted } from "../support/granted.ts";

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
    LoadCredential: "token:/etc/muster/token",
    ExecStart: "/usr/local/lib/muster/controller serve --data %S/muster/controller",
  },
  agent: {
    Type: "notify",
    WatchdogSec: "30s",
    Restart: "always",
    StateDirectory: "muster/agent",
    ConfigurationDirectory: "muster",
    LoadCredential: "token:/etc/muster/token",
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

/** The value of a directive that a unit has once. */
function valueOf(key: string, unit: string): string | undefined {
  return new RegExp(`^${key}=(.*)$`, "m").exec(unit)?.[1];
}

/** A copy of the unit that starts a program which is there: systemd looks for it. */
async function unitIn(folder: string, name: string): Promise<string> {
  const text = await Deno.readTextFile(join(SERVICES, `${name}.service`));
  const path = join(folder, `muster-${name}.service`);
  await Deno.writeTextFile(path, text.replace(/^ExecStart=\S+/m, "ExecStart=/bin/true"));
  return path;
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
