/**
 * Seeds shared among processes: each core plays a part of them in a process of its own, whose last line says what it
 * counted; all other lines are passed on as they come.
 * @module
 */
import { readLines } from "../../lib/wire/ndjson.ts";

/** What some runs amount to. */
export interface Tally {
  faults: number;
  commits: number;
  converged: number[];
  /** The seeds that failed. */
  failed: number[];
}

export interface Seeds {
  first: number;
  hours: number;
  shrink: boolean;
}

const MARK = "tally ";
/** The tally of a million runs. */
const LINE_BYTES_MAX = 16_000_000;

export function newTally(): Tally {
  return { faults: 0, commits: 0, converged: [], failed: [] };
}

export function addTallies(tallies: readonly Tally[]): Tally {
  const sum = newTally();
  for (const { faults, commits, converged, failed } of tallies) {
    sum.faults += faults;
    sum.commits += commits;
    sum.converged.push(...converged);
    sum.failed.push(...failed);
  }
  return sum;
}

export function lineOf(tally: Tally): string {
  return MARK + JSON.stringify(tally);
}

/** Plays the seeds, as many processes at once as there are cores. */
export function playShared({ first, hours, shrink }: Seeds): Promise<Tally[]> {
  const shares = Math.min(navigator.hardwareConcurrency, hours);
  const edge = (share: number) => first + Math.floor(hours * share / shares);
  return Promise.all(Array.from({ length: shares }, async (_, share) => {
    const [from, to] = [edge(share), edge(share + 1)];
    const script = new URL("main.ts", import.meta.url).pathname;
    const args = ["run", "-A", script, "--share", `--seed=${from}`, `--hours=${to - from}`];
    if (!shrink) args.push("--no-shrink");
    const { stdout } = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "piped" }).spawn();
    let tally: Tally | undefined;
    for await (const line of readLines(stdout, { lineBytesMax: LINE_BYTES_MAX })) {
      if (line.startsWith(MARK)) tally = JSON.parse(line.slice(MARK.length)) as Tally;
      else console.log(line);
    }
    if (tally === undefined) throw new Error(`Cannot count seeds ${from} to ${to - 1}: their process ended early`);
    return tally;
  }));
}
