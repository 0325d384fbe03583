import { assertEquals } from "@std/assert";
import { totalsOf } from "../../scripts/run_tests.ts";

const report = (...suites: readonly string[]) =>
  `<testsuites name="deno test" tests="9" failures="9" errors="9">\n${suites.join("\n")}\n</testsuites>`;
const CLEAN = '<testsuite name="./a_test.ts" tests="5" disabled="1" errors="0" failures="0">';
const CUT_SHORT = '<testsuite name="./b_test.ts" tests="3" disabled="0" errors="2" failures="0">';
const FAILING = '<testsuite name="./c_test.ts" tests="4" disabled="0" errors="0" failures="1">';

Deno.test("totalsOf() sums up the files, and counts what was cut short as failed", () => {
  assertEquals(totalsOf(report(CLEAN), 0), { passed: 4, failed: 0, skipped: 1 });
  assertEquals(totalsOf(report(CLEAN, CUT_SHORT, FAILING), 1), { passed: 8, failed: 3, skipped: 1 });
});

Deno.test("totalsOf() counts a run that failed without a failed test as one, such as a file that can't be loaded", () => {
  assertEquals(totalsOf(report(CLEAN), 1), { passed: 4, failed: 1, skipped: 1 });
});
