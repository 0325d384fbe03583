/**
 * A host for tests of `scripts/install.sh`: a made release and a folder that the installer treats as `/`. Where mounts are
 * allowed, it also installs into the real paths of a mount namespace, so that it starts what it installed.
 * @module
 */
import { join } from "node:path";
import { granted } from "./granted.ts";
import { makeRelease } from "./release.ts";

export interface Outcome {
  code: number;
  out: string;
}

export interface InstallHost extends AsyncDisposable {
  release: string;
  root: string;
  install(...args: string[]): Promise<Outcome>;
  read(path: string): Promise<string>;
  /** The permissions of a file, without its kind. */
  modeOf(path: string): Promise<number>;
  files(): Promise<string[]>;
}

export const canInstall = granted && Deno.build.os === "linux";
export const canInstallInPlace = canInstall && Deno.uid() === 0 && await mayMount();

export async function newHost(): Promise<InstallHost> {
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
    modeOf: async (path) => (await Deno.stat(join(root, path))).mode! & 0o777,
    files: async () => (await run("find", [root, "-type", "f", "-printf", "%P\n"])).out.split("\n").toSorted(),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

export interface Around {
  /** What the journal has. */
  lines?: string;
  /** How systemctl ends, whatever it is asked. */
  systemctl?: 0 | 1;
  /** Flags for the installer. */
  flags?: string;
}

/** Installs into the real paths of a mount namespace, beside a systemctl and a journal that always say the same. */
export async function installInPlace({ release, root }: InstallHost, around: Around): Promise<Outcome> {
  const { lines = "", systemctl = 0, flags = "" } = around;
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
    PATH=${tools}:$PATH sh ${release}/install.sh --prefix ${root}/usr/local ${flags}`;
  return await run("unshare", ["--mount", "sh", "-c", script]);
}

export async function run(program: string, args: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  return { code, out: (new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr)).trim() };
}

async function mayMount(): Promise<boolean> {
  try {
    return (await run("unshare", ["--mount", "true"])).code === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
