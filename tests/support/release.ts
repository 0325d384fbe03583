/**
 * Folders for tests of what is installed from them. `makeRelease` makes one as `deno task build` does for Linux: the real
 * services and the real installer, but programs that only say their version, or a join token. `buildRelease` really builds one, also of a
 * version that does not exist.
 * @module
 */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const PROGRAMS = ["controller", "agent", "payload"] as const;
const VERSION = "lib/runtime/version.ts";
const EXTRAS = [
  "scripts/install.sh",
  ...["controller", "agent"].flatMap((name) => [`services/${name}.service`, `services/${name}.env`]),
];

/** What every `controller join-token` of a made release prints. */
export const JOIN_TOKEN = `muster1.${"d".repeat(43)}.11111111-1111-4111-8111-111111111111.${"s".repeat(43)}`;

/** Makes such a folder, or makes it anew for another version. */
export async function makeRelease(folder: string, version: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const name of PROGRAMS) {
    const joinToken = `[ "$1" != join-token ] || exec echo ${JOIN_TOKEN}`;
    const script = `#!/bin/sh\n${joinToken}\necho "${name} ${version}"\n`;
    await Deno.writeTextFile(join(folder, name), script, { mode: 0o755 });
  }
  for (const path of EXTRAS) await Deno.copyFile(join(PROJECT, path), join(folder, path.replace(/^.*\//, "")));
  const sums: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name !== "SHA256SUMS") sums.push(`${await sha256Of(join(folder, name))}  ${name}\n`);
  }
  await Deno.writeTextFile(join(folder, "SHA256SUMS"), sums.join(""));
}

/** Where all that goes into a build is. */
const SOURCES = ["agent.ts", "controller.ts", "payload.ts", "deno.json", "deno.lock", "lib", "scripts", "services"];

/** Builds for this machine, from sources that differ in their version only; gives the target's folder in `out`. */
export async function buildRelease(out: string, version: string): Promise<string> {
  const project = await Deno.makeTempDir({ prefix: "muster-test-sources-" });
  try {
    await run("cp", ["-r", ...SOURCES.map((path) => join(PROJECT, path)), project]);
    await run("sed", [
      "-i",
      `s/^export const VERSION = .*/export const VERSION = "${version}";/`,
      `${project}/${VERSION}`,
    ]);
    await run(Deno.execPath(), [
      "run",
      "-A",
      "--config",
      `${project}/deno.json`,
      `${project}/scripts/build.ts`,
      "--out",
      out,
    ]);
  } finally {
    await Deno.remove(project, { recursive: true });
  }
  const [target] = [...Deno.readDirSync(out)];
  return join(out, target!.name);
}

async function run(program: string, args: string[]): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  assertEquals(code, 0, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
}

async function sha256Of(path: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path))).toHex();
}
