/**
 * What the binaries weigh: their files, their starts, one of each in turn, and the memory that they rest on.
 *
 *     deno run -A bench/binaries_bench.ts [folder, dist/linux-x64 by default]      Linux only; zstd for the packed size
 * @module
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProgramName } from "../scripts/local_program.ts";
import { measureMemory } from "./binaries/memory.ts";
import { measureStart, type Start } from "./binaries/start.ts";

const PROGRAMS: readonly ProgramName[] = ["controller", "agent", "payload"];
const STARTS = 15;
const BYTES_PER_MIB = 1_048_576;
const DIST = fileURLToPath(new URL("../dist/linux-x64", import.meta.url));

async function main([folder = DIST]: string[]): Promise<void> {
  const path = resolve(folder);
  if (!await hasAll(path)) {
    console.log(`Nothing to measure: ${path} lacks the binaries; "deno task build" makes them`);
    return;
  }
  // From here on, programs are started from there.
  Deno.env.set("MUSTER_BINARIES", path);
  const starts = await startsInTurn(path);
  for (const name of PROGRAMS) {
    const file = join(path, name);
    const size = `${mib((await Deno.stat(file)).size)}, zstd -19 ${await packedSize(file)}`;
    console.log(`${name.padEnd(12)} ${size}   ${startText(starts.get(name)!)}`);
  }
  console.log("");
  for (const { what, rssMib, pssMib, anonymousMib } of await measureMemory()) {
    const [rss, pss, anonymous] = [rssMib, pssMib, anonymousMib].map((value) => `${value.toFixed(1).padStart(6)} MiB`);
    console.log(`${what.padEnd(24)} RSS ${rss}   PSS ${pss}   anonymous ${anonymous}`);
  }
}

async function hasAll(folder: string): Promise<boolean> {
  try {
    for (const name of PROGRAMS) await Deno.stat(join(folder, name));
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}

/** One of each, again and again: what else the machine does then falls on all of them. */
async function startsInTurn(folder: string): Promise<Map<ProgramName, Start[]>> {
  const starts = new Map<ProgramName, Start[]>(PROGRAMS.map((name) => [name, []]));
  // The first round reads the files into memory and does not count.
  for (let round = 0; round <= STARTS; round++) {
    for (const name of PROGRAMS) {
      const start = await measureStart(name, join(folder, name));
      if (round > 0) starts.get(name)!.push(start);
    }
  }
  return starts;
}

function startText(starts: readonly Start[]): string {
  const readyMs = starts.map((start) => start.readyMs).toSorted((a, b) => a - b);
  const cpuMs = starts.map((start) => start.cpuMs).toSorted((a, b) => a - b);
  const middle = starts.length >> 1;
  return `start to ready ${readyMs[0]!.toFixed(0)} ms at best, ${readyMs[middle]!.toFixed(0)} ms in the median; ` +
    `CPU until ready ${cpuMs[middle]!.toFixed(0)} ms`;
}

async function packedSize(file: string): Promise<string> {
  try {
    const zstd = new Deno.Command("zstd", { args: ["-19", "-q", "-c", file], stdout: "piped" }).spawn();
    let bytes = 0;
    for await (const piece of zstd.stdout) bytes += piece.length;
    const { success } = await zstd.status;
    return success ? mib(bytes) : "failed";
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return "not known, as zstd is missing";
  }
}

function mib(bytes: number): string {
  return `${(bytes / BYTES_PER_MIB).toFixed(1)} MiB`;
}

if (import.meta.main) await main(Deno.args);
