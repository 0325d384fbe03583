/**
 * Reads a page of metrics as strictly as its format is written: each family is described once, before its samples, all
 * of which stand together, and none of them twice.
 * @module
 */
import { assert } from "@std/assert";

const DESCRIPTION = /^# (HELP|TYPE) ([a-z0-9_]+) (.+)$/;
const SAMPLE = /^([a-z0-9_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*\})? (-?[0-9.e+-]+|NaN|\+Inf)$/;
const SUFFIXES = /_(bucket|sum|count)$/;

/** The value of each series, by its name and labels. */
export function samplesIn(page: string): Map<string, number> {
  const samples = new Map<string, number>();
  const described = new Set<string>();
  let family = "";
  assert(page === "" || page.endsWith("\n"), "the last line has no end");
  for (const line of page.split("\n").slice(0, -1)) {
    const [, what, name = ""] = DESCRIPTION.exec(line) ?? [];
    if (what !== undefined) {
      assert(!described.has(`${what} ${name}`), `described twice: ${line}`);
      described.add(`${what} ${name}`);
      family = name;
      continue;
    }
    const [, series, labels = "", value] = SAMPLE.exec(line) ?? [];
    assert(series !== undefined, `not a line of the format: ${line}`);
    assert(series === family || series.replace(SUFFIXES, "") === family, `${series} stands with ${family}`);
    assert(!samples.has(series + labels), `there twice: ${line}`);
    samples.set(series + labels, Number(value));
  }
  for (const one of described) {
    const [, name] = one.split(" ");
    assert(described.has(`HELP ${name}`) && described.has(`TYPE ${name}`), `${name} lacks its HELP or its TYPE`);
  }
  return samples;
}
