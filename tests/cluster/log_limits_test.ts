import { assertEquals, assertStringIncludes } from "@std/assert";
import { LOGS_USUAL, readSizeBytes } from "../../lib/cluster/log_limits.ts";
import { ServiceSpec, WireSpec } from "../../lib/cluster/service.ts";
import { runsAlike } from "../../lib/cluster/spec_change.ts";
import { specNamed } from "../support/builders.ts";

function refusals(logs: unknown): string[] {
  const parsed = ServiceSpec.safeParse({ name: "web", command: ["web"], logs });
  return (parsed.error?.issues ?? []).map((issue) => `/${issue.path.join("/")}: ${issue.message}`);
}

Deno.test("what a spec does not say of logs is as usual, also where it is from a former version", () => {
  assertEquals(LOGS_USUAL, { max_size: "10MiB", max_files: 5, keep: "7d" });
  assertEquals(specNamed("web", { logs: { max_files: 9 } }).logs, { ...LOGS_USUAL, max_files: 9 });
  assertEquals(WireSpec.parse({ name: "web", command: ["web"] }).logs, LOGS_USUAL);
});

Deno.test("logs take whatever is in range", () => {
  for (const max_size of ["64KiB", "100KiB", "1MiB", "1024MiB", "1GiB"]) assertEquals(refusals({ max_size }), []);
  for (const max_files of [2, 100]) assertEquals(refusals({ max_files }), []);
  for (const keep of ["1m", "12h", "365d"]) assertEquals(refusals({ keep }), []);
});

const WRONG: [unknown, string][] = [
  [{ max_size: "63KiB" }, "/logs/max_size: a whole number with a unit"],
  [{ max_size: "1025MiB" }, "/logs/max_size: a whole number with a unit"],
  [{ max_size: "10MB" }, "/logs/max_size: a whole number with a unit"],
  [{ max_size: "1.5MiB" }, "/logs/max_size: a whole number with a unit"],
  [{ max_size: 10_485_760 }, "/logs/max_size: a whole number with a unit"],
  [{ max_files: 1 }, "/logs/max_files: a whole number from 2 to 100"],
  [{ max_files: 101 }, "/logs/max_files: a whole number from 2 to 100"],
  [{ max_files: 2.5 }, "/logs/max_files: a whole number from 2 to 100"],
  [{ keep: "59s" }, "/logs/keep: at least 1m"],
  [{ keep: "for ever" }, "/logs/keep: "],
  [{ maxsize: "1MiB" }, '/logs: Unrecognized key: "maxsize"'],
];

for (const [logs, why] of WRONG) {
  Deno.test(`logs with ${JSON.stringify(logs)} are refused`, () => {
    assertStringIncludes(refusals(logs)[0] ?? "", why);
  });
}

Deno.test("readSizeBytes() knows units, and nothing without one", () => {
  assertEquals(["64KiB", "10MiB", "1GiB"].map(readSizeBytes), [65_536, 10_485_760, 1_073_741_824]);
  assertEquals(["", "10", "MiB", "10 MiB", "10mib", "-1KiB"].map(readSizeBytes), Array(6).fill(undefined));
});

Deno.test("runsAlike() holds for specs that differ in what is kept of logs: nothing is restarted for that", () => {
  assertEquals(runsAlike(specNamed("web"), specNamed("web", { logs: { max_size: "1MiB" } })), true);
});
