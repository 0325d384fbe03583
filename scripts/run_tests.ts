/**
 * `deno task test [files, or flags of deno test]...`: all tests with the permissions that they need, and as the last line
 * the true totals, also when a file could not even be loaded. Deno before 2.8 refuses the keys of `test` in deno.json that
 * turn the sanitizers on (there they are on anyway), so it is given a copy of that file without them.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BuildError } from "./build/run_deno.ts";
import { refreshDashboard } from "./web.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

/** The copy lies in tests/, because Deno looks for tests only below the folder of its config. */
const OLD_CONFIG = "tests/deno27.json";

/** A test that hangs must not hang whoever waits for all of them. */
const RUN_MAX_MS = 60 * 60_000;

type Totals = { passed: number; failed: number; skipped: number };

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: string[]): Promise<number> {
  await makePages();
  const report = await Deno.makeTempFile({ prefix: "muster-tests-", suffix: ".xml" });
  try {
    const command = ["test", "-A", `--junit-path=${report}`, ...await configFlags(), ...args];
    const signal = AbortSignal.timeout(RUN_MAX_MS);
    const { code } = await new Deno.Command(Deno.execPath(), { args: command, cwd: PROJECT, signal }).spawn().status;
    const text = await Deno.readTextFile(report);
    const { passed, failed, skipped } = totalsOf(text, code);
    const wanting = Deno.env.get("CI") === "true" ? skippedIn(text) : [];
    for (const name of wanting) console.log(`Skipped, and in CI nothing may be: ${name}`);
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return code === 0 && wanting.length > 0 ? 1 : code;
  } finally {
    await Deno.remove(report);
  }
}

/** The controllers of the tests serve the dashboard as it is now. Without it the tests in a browser fail, and no others. */
async function makePages(): Promise<void> {
  try {
    await refreshDashboard();
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.log(error.message);
  }
}

/**
 * Sums up the suites of a JUnit report. What was not run to its end, as its file failed, has failed; a run that fails
 * without a failed test failed as a whole, which counts as one.
 */
export function totalsOf(report: string, code: number): Totals {
  const sum = { tests: 0, failures: 0, errors: 0, disabled: 0 };
  for (const [suite] of report.matchAll(/<testsuite .*?>/g)) {
    for (const key of ["tests", "failures", "errors", "disabled"] as const) {
      sum[key] += Number(new RegExp(` ${key}="(\\d+)"`).exec(suite)?.[1] ?? 0);
    }
  }
  const broken = sum.failures + sum.errors;
  const failed = Math.max(broken, code === 0 ? 0 : 1);
  return { passed: sum.tests - broken - sum.disabled, failed, skipped: sum.disabled };
}

/** The names of the tests that were ignored, with the reason that they carry. */
function skippedIn(report: string): string[] {
  return [...report.matchAll(/<testcase name="([^"]*)"[^>]*>\s*<skipped/g)].map(([, name]) => name!);
}

async function configFlags(): Promise<string[]> {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  if (major > 2 || minor >= 8) return [];
  // What is of other folders is the type checker's and the browser's alone.
  const { test: _, workspace: __, links, ...config } = JSON.parse(await Deno.readTextFile(join(PROJECT, "deno.json")));
  const copy = { ...config, lock: "../deno.lock", links: links.map((link: string) => `../${link}`) };
  await Deno.writeTextFile(join(PROJECT, OLD_CONFIG), JSON.stringify(copy));
  return [`--config=${OLD_CONFIG}`];
}
