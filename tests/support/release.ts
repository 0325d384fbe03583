/**
 * A folder as `deno task build` makes it for Linux, for tests of what is installed from it: the real services and the
 * real installer, but programs that only say their version.
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const PROGRAMS = ["controller", "agent", "payload"] as const;
const EXTRAS = [
  "scripts/install.sh",
  ...["controller", "agent"].flatMap((name) => [`services/${name}.service`, `services/${name}.env`]),
];

/** Makes such a folder, or makes it anew for another version. */
export async function makeRelease(folder: string, version: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const name of PROGRAMS) {
    await Deno.writeTextFile(join(folder, name), `#!/bin/sh\necho "${name} ${version}"\n`, { mode: 0o755 });
  }
  for (const path of EXTRAS) await Deno.copyFile(join(PROJECT, path), join(folder, path.replace(/^.*\//, "")));
  const sums: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name !== "SHA256SUMS") sums.push(`${await sha256Of(join(folder, name))}  ${name}\n`);
  }
  await Deno.writeTextFile(join(folder, "SHA256SUMS"), sums.join(""));
}

async function sha256Of(path: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path))).toHex();
}
