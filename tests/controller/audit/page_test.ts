import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { type PagedFile, readAuditPage } from "../../../lib/controller/audit/page.ts";
import { readAuditLink } from "../../../lib/wire/audit.ts";
import { AUDIT_FILE, olderAuditFile } from "../../../lib/wire/audit_files.ts";
import { chainOf, inDataFolder } from "../../support/audit_lines.ts";
import { granted } from "../../support/granted.ts";

const ignore = !granted;
const LAST = 4_000;

/** Two files that are read by halving, and one that is not. */
function inThreeFiles(
  act: (log: { files: PagedFile[]; last: number }) => Promise<void>,
  { edit = (text: string) => text } = {},
): Promise<void> {
  const first = chainOf(2_000);
  const second = chainOf(1_999, { from: headOf(first) });
  const third = chainOf(1, { from: headOf(second) });
  const texts = [first, second, third].map((lines) => edit(`${lines.join("\n")}\n`));
  const names = [olderAuditFile(1), olderAuditFile(2_001), AUDIT_FILE];
  return inDataFolder(Object.fromEntries(names.map((name, at) => [name, texts[at]!])), async (_, folder) => {
    const files = names.map((name, at) => ({ path: join(folder, name), firstSeq: [1, 2_001, LAST][at]! }));
    assert(texts[0]!.length > 500_000);
    await act({ files, last: LAST });
  });
}

function headOf(lines: readonly string[]) {
  const reading = readAuditLink(lines.at(-1)!);
  assert(reading.kind === "link");
  return reading.link;
}

Deno.test({
  name: "readAuditPage() gives the lines behind any number, over the ends of files, and the way on",
  ignore,
  fn: () =>
    inThreeFiles(async (log) => {
      for (const after of [0, 1, 2, 777, 1_500, 1_998, 1_999, 2_000, 2_001, 3_333, 3_989, 3_990]) {
        const { entries, next } = await readAuditPage(log, { after, limit: 10 });
        assertEquals(entries.map(({ seq }) => seq), Array.from({ length: 10 }, (_, at) => after + 1 + at));
        assertEquals(next, after + 10 === LAST ? null : after + 10);
      }
      const end = await readAuditPage(log, { after: LAST - 1, limit: 10 });
      assertEquals([end.entries.map(({ kind }) => kind), end.next], [["begun"], null]);
      assertEquals(await readAuditPage(log, { after: LAST, limit: 10 }), { entries: [], next: null });
      assertEquals(await readAuditPage(log, { after: 999_999, limit: 10 }), { entries: [], next: null });
    }),
});

Deno.test({
  name: "readAuditPage() gives the newest lines when nothing is said, and none that isn't acknowledged",
  ignore,
  fn: () =>
    inThreeFiles(async ({ files }) => {
      const newest = await readAuditPage({ files, last: LAST - 2 }, { after: undefined, limit: 3 });
      assertEquals([newest.entries.map(({ seq }) => seq), newest.next], [[3_996, 3_997, 3_998], null]);
      const all = await readAuditPage({ files: files.with(2, { ...files[2]!, bytes: 0 }), last: LAST }, {
        after: LAST - 2,
        limit: 3,
      });
      assertEquals(all.entries.map(({ seq }) => seq), [3_999]);
    }),
});

Deno.test({
  name: "readAuditPage() leaves out what is no line any more",
  ignore,
  fn: () =>
    inThreeFiles(async (log) => {
      const { entries } = await readAuditPage(log, { after: 1_498, limit: 3 });
      assertEquals(entries.map(({ seq }) => seq), [1_499, 1_501, 1_502]);
    }, { edit: (text) => text.replace('{"seq":1500,', '["seq":1500,') }),
});
