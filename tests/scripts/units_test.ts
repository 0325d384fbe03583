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

const ignore = !granted || Deno.build.os !== "linux" || !await hasAnalyzer();
/** Nothing else can judge a unit. */
const reason = granted && ignore ? " (ignored: systemd-analyze isn't installed)" : "";

for (const name of ["controller", "agent"] as const) {
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
