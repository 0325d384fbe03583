/**
 * Plays session A with the Windows binaries under wine, and prints step by step what came of it, as a table for
 * `docs/platforms.md`. Run by hand: `deno run -A tests/wine/main.ts --help`.
 * @module
 */
import { parseArgs } from "@std/cli";
import { resolve } from "node:path";
import { onSignals } from "../../lib/runtime/signals.ts";
import { type Step, storyOf } from "./story.ts";
import { openWine } from "./wine.ts";

const USAGE = `Plays session A with the Windows binaries under wine, as root on Linux.

Usage: deno run -A tests/wine/main.ts --binaries <folder> --chroot <folder>

  --binaries <folder>   what \`deno task build --target windows-x64\` made: dist/windows-x64
  --chroot <folder>     root folder of a Debian 13 with wine 10; it is left as it was, but for /etc/hosts if it has none

Such a root folder is made by:

  debootstrap --variant=minbase trixie /tmp/trixie http://deb.debian.org/debian
  chroot /tmp/trixie apt-get install -y --no-install-recommends wine wine64

Ends with 0 if every step went well.`;

/** What wine has nothing to show of. */
const NOT_SHOWN = [
  [
    "`install.ps1`: the tasks, the rights of the token's file",
    "wine has no PowerShell, and its tasks start no programs",
  ],
  ["Ctrl-C in a console that agent and replicas share; Ctrl-Break; closing its window", "there is no console"],
  ["a restart of Windows; a service account", "wine runs as one Unix user, and what it runs ends with its server"],
  ["times and memory as they are on Windows", "wine starts a program more slowly"],
] as const;

interface Result {
  ok: boolean;
  text: string;
}

const flags = parseArgs(Deno.args, { string: ["binaries", "chroot"], boolean: ["help"] });
if (flags.help) {
  console.log(USAGE);
  Deno.exit(0);
}
if (!flags.binaries || !flags.chroot || Deno.build.os !== "linux" || Deno.uid() !== 0) {
  console.error(`Cannot play the session: give --binaries and --chroot, as root on Linux\n\n${USAGE}`);
  Deno.exit(2);
}
Deno.exit(await playAll({ binaries: resolve(flags.binaries), root: resolve(flags.chroot) }) ? 0 : 1);

/** Prints a row for each step; those after one that failed are not reached. Whether all went well. */
async function playAll(options: { binaries: string; root: string }): Promise<boolean> {
  await using wine = await openWine(options);
  using _asked = onSignals(["SIGINT", "SIGTERM"], () => wine[Symbol.asyncDispose]().finally(() => Deno.exit(1)));
  console.log("| Step | Result |\n| --- | --- |");
  let well = true;
  for (const step of storyOf(wine)) {
    const result: Result = well ? await resultOf(step) : { ok: false, text: "not reached" };
    well &&= result.ok;
    console.log(`| ${step.name} | ${result.text} |`);
  }
  for (const [what, why] of NOT_SHOWN) console.log(`| ${what} | cannot be shown under wine: ${why} |`);
  return well;
}

async function resultOf(step: Step): Promise<Result> {
  try {
    return { ok: true, text: `ok: ${await step.play()}` };
  } catch (error) {
    console.error(`✗ ${step.name}`, error);
    const [first = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { ok: false, text: `failed: ${first}` };
  }
}
