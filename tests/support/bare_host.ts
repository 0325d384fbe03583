/**
 * Bare hosts for tests: a minimal Debian with nothing added, each with a file system, a network namespace, a name and
 * processes of its own; and the machine of the operator who reaches them. That is this machine with stand-ins for two
 * programs: `ssh` enters a host's namespaces, and `scp` copies between file systems with the rules of `cp`. All of it is
 * gone once it is disposed of: with its first process, a host loses every other one and its mounts.
 * @module
 */
import { join } from "node:path";
import { until } from "../../scripts/local_program.ts";
import { isInstalled } from "./installed.ts";
import { canMakeNetLab, type NetHost, openNetLab } from "./netns.ts";

export interface BareLab extends AsyncDisposable {
  /** Where each host is reached. */
  addresses: readonly string[];
  /** The operator's folder, in which command lines are typed. */
  desk: string;
  /** Runs a command line at the operator's machine and gives what it printed; throws when it fails. */
  type: (line: string) => Promise<string>;
}

const SUITE = "stable";
const MIRROR = "http://deb.debian.org/debian";
const MIRROR_WAIT_MS = 10_000;

/** Becomes a host. `$1` is its folder, `$2` the Debian that all share, `$3` its name. Its first process reaps the rest. */
const BOOT = `
  set -e
  mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root"
  cd "$1/root"
  mount -t proc proc proc
  mount --rbind /dev dev
  hostname "$3"
  echo "$3" >etc/hostname
  exec chroot . sh -c 'echo up; sleep infinity & wait'`;

const SSH = `#!/bin/sh
read -r pid <"$HOSTS/\${1#root@}"
shift
exec nsenter --target "$pid" --all --root env -i HOME=/root PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \\
  sh -c "cd && $*"
`;

const SCP = `#!/bin/sh
place() {
  case $1 in
    root@*) address=\${1%%:*}; read -r pid <"$HOSTS/\${address#root@}"; cd "/proc/$pid/root/root"; path=\${1#*:}
      case $path in /*) echo "/proc/$pid/root$path" ;; *) echo "$(pwd)/$path" ;; esac ;;
    *) echo "$1" ;;
  esac
}
recursive=
if [ "$1" = -r ]; then recursive=-r; shift; fi
exec cp $recursive "$(place "$1")" "$(place "$2")"
`;

/** What keeps this machine from having bare hosts; undefined when nothing does. Asks the network. */
export async function obstacleToBareHosts(): Promise<string | undefined> {
  if (!canMakeNetLab) return "needs Linux, root, ip and nft";
  const wanting = ["debootstrap", "nsenter", "unshare", "curl"].find((program) => !isInstalled(program));
  if (wanting !== undefined) return `needs ${wanting}`;
  try {
    const url = `${MIRROR}/dists/${SUITE}/InRelease`;
    const response = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(MIRROR_WAIT_MS) });
    return response.ok ? undefined : `needs a mirror of Debian, which answered ${response.status}`;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return "needs to reach a mirror of Debian";
  }
}

/** Makes a host for each name. The first takes half a minute, the others share its Debian. */
export async function openBareLab(names: readonly string[]): Promise<BareLab> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "muster-test-bare-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const base = join(folder, "base");
  const [hosts, tools, desk] = [join(folder, "hosts"), join(folder, "tools"), join(folder, "desk")];
  for (const path of [hosts, tools, desk]) await Deno.mkdir(path);
  await run("debootstrap", ["--variant=minbase", SUITE, base, MIRROR]);
  await Deno.writeTextFile(join(tools, "ssh"), SSH, { mode: 0o755 });
  await Deno.writeTextFile(join(tools, "scp"), SCP, { mode: 0o755 });

  const lab = stack.use(await openNetLab(names.length));
  for (const [at, host] of lab.hosts.entries()) {
    const name = names[at] ?? "";
    const { pid } = stack.use(await boot(host, { folder: join(folder, name), base, name }));
    await Deno.writeTextFile(join(hosts, host.address), `${pid}\n`);
  }
  // The operator has a home of their own: what is kept there must not be this user's.
  const home = { HOME: desk, XDG_CONFIG_HOME: join(desk, ".config") };
  const env = { ...home, HOSTS: hosts, PATH: `${tools}:${Deno.env.get("PATH")}` };
  const owned = stack.move();
  return {
    addresses: lab.hosts.map(({ address }) => address),
    desk,
    type: (line) => run("sh", ["-ec", line], { cwd: desk, env }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface Boot {
  folder: string;
  base: string;
  name: string;
}

/** Starts a host; gives its first process as this machine sees it. */
async function boot(
  { namespace }: NetHost,
  { folder, base, name }: Boot,
): Promise<AsyncDisposable & { pid: number }> {
  for (const path of ["upper", "work", "root"]) await Deno.mkdir(join(folder, path), { recursive: true });
  const own = ["unshare", "--mount", "--pid", "--uts", "--fork", "--kill-child"];
  const args = ["netns", "exec", namespace, ...own, "sh", "-c", BOOT, "boot", folder, base, name];
  const child = new Deno.Command("ip", { args, stdin: "null", stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  const { done } = await reader.read();
  await reader.cancel();
  if (done) throw new Error(`Cannot start host ${name}: exit code ${(await child.status).code}; what it said is above`);
  const pid = Number((await Deno.readTextFile(`/proc/${child.pid}/task/${child.pid}/children`)).trim());
  return {
    pid,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.status;
      await until(() => isGone(pid), { what: `everything on host ${name} to end` });
    },
  };
}

function isGone(pid: number): boolean {
  try {
    Deno.statSync(`/proc/${pid}`);
    return false;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return true;
  }
}

async function run(program: string, args: string[], options: Deno.CommandOptions = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { ...options, args, stdin: "null" }).output();
  const [out, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  if (!success) throw new Error(`Cannot run ${program} ${args.join(" ")}: ${errors}${out.slice(-2_000)}`);
  return out.trim();
}
