/**
 * Packages that only those need who look at the dashboard with a browser: playwright-core and axe-core. Named in
 * `packages.json`, a configuration of their own, lest everybody who starts Muster from source fetches them and every
 * plain `deno compile` embeds them; in a process of its own Deno fetches them, and says where they lie.
 * @module
 */
import { fileURLToPath } from "node:url";

const CONFIG = fileURLToPath(new URL("packages.json", import.meta.url));
const NAMES = ["playwright-core", "axe-core"] as const;
/** Prints the address of each, which is only known once it was fetched. */
const PRINT = `for (const name of ${JSON.stringify(NAMES)}) {
  await import(name);
  console.log(import.meta.resolve(name));
}`;

export interface OwnPackages {
  /** The address of its main module. */
  playwright: string;
  axe: string;
}

let found: Promise<OwnPackages> | undefined;

export function ownPackages(): Promise<OwnPackages> {
  return found ??= find();
}

async function find(): Promise<OwnPackages> {
  const args = ["eval", "--quiet", `--config=${CONFIG}`, PRINT];
  // As for all packages here: a network with an authority of its own is reached by what the system trusts.
  const env = { DENO_TLS_CA_STORE: Deno.env.get("DENO_TLS_CA_STORE") ?? "mozilla,system" };
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env, stdin: "null" }).output();
  const decoder = new TextDecoder();
  const [playwright, axe] = decoder.decode(stdout).trim().split("\n");
  if (!success || playwright === undefined || axe === undefined) {
    throw new Error(`Cannot fetch ${NAMES.join(" and ")}, to look at the dashboard with:\n${decoder.decode(stderr)}`);
  }
  return { playwright, axe };
}
