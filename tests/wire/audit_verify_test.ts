import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { join } from "node:path";
import { readAuditLink, sealAuditLine } from "../../lib/wire/audit.ts";
import { auditLinesIn, olderAuditFile } from "../../lib/wire/audit_files.ts";
import { type AuditFault, type AuditVerdict, verifyAudit } from "../../lib/wire/audit_verify.ts";
import { askedEntry, chainOf, inDataFolder, placed } from "../support/audit_lines.ts";
import { granted } from "../support/granted.ts";

const LINES = 12;
const lines = chainOf(LINES);
const lastHash = hashOf(lines.at(-1));

function hashOf(line = ""): string {
  const reading = readAuditLink(line);
  assert(reading.kind === "link");
  return reading.link.hash;
}

async function faultIn(changed: readonly string[], expect?: string): Promise<[AuditFault, number] | string> {
  const verdict = await verifyAudit(placed(changed), { expect });
  return verdict.kind === "broken" ? [verdict.fault, verdict.line] : verdict.kind;
}

Deno.test("verifyAudit() finds a whole log whole, and says how long it is and how it ends", async () => {
  const whole = { kind: "whole", lines: LINES, last: { seq: LINES, hash: lastHash }, remarks: [] };
  assertEquals(await verifyAudit(placed(lines)), whole as AuditVerdict);
  assertEquals(await verifyAudit([]), { kind: "empty" });
});

Deno.test("verifyAudit() names the first line that was edited, removed, moved, repeated or is of another log", async () => {
  const [other = ""] = chainOf(1, { cluster: "another" });
  const rewritten = sealAuditLine(askedEntry(99), { after: { seq: 4, hash: hashOf(lines[3]) }, time: "x" }).text;
  assertEquals(await faultIn(lines.with(4, lines[4]!.replace("alice", "mallory"))), ["edited", 5]);
  assertEquals(await faultIn(lines.toSpliced(4, 1)), ["removed", 5]);
  assertEquals(await faultIn(lines.toSpliced(0, 1)), ["removed", 1]);
  assertEquals(await faultIn(lines.with(4, lines[5]!).with(5, lines[4]!)), ["reordered", 5]);
  assertEquals(await faultIn(lines.toSpliced(4, 0, lines[2]!)), ["reordered", 5]);
  assertEquals(await faultIn(lines.toSpliced(4, 0, "hello")), ["foreign", 5]);
  assertEquals(await faultIn(lines.with(0, other)), ["foreign", 2]);
  assertEquals(await faultIn(lines.with(4, rewritten)), ["foreign", 6], "the one behind a line that was written anew");
});

Deno.test("verifyAudit() says which numbers are missing, and where a moved line went", async () => {
  const gap = await verifyAudit(placed(lines.toSpliced(4, 3)));
  assert(gap.kind === "broken");
  assertEquals(gap.detail, "before it, numbers 5 to 7 are missing");
  const moved = await verifyAudit(placed([...lines.toSpliced(4, 1), lines[4]!]));
  assert(moved.kind === "broken");
  assertEquals([moved.fault, moved.detail], ["reordered", `number 5 belongs in its place, and comes as line ${LINES}`]);
});

Deno.test("verifyAudit() finds a cut end only by a hash that was noted earlier", async () => {
  assertEquals(await faultIn(lines.slice(0, 7)), "whole");
  assertEquals(await faultIn(lines.slice(0, 7), lastHash), ["truncated", 7]);
  assertEquals(await faultIn(lines, lastHash), "whole");
  assertEquals(await faultIn(lines, hashOf(lines[6])), "whole", "the log has grown since it was noted");
  assertEquals(await faultIn([], lastHash), ["truncated", 0]);
});

Deno.test("verifyAudit() mentions what happened to the log itself", async () => {
  const entry = { kind: "mended", what: "7 bytes were cut" } as const;
  const mended = sealAuditLine(entry, { after: { seq: LINES, hash: lastHash }, time: "then" }).text;
  const verdict = await verifyAudit(placed([...lines, mended]));
  assert(verdict.kind === "whole");
  assertEquals(verdict.remarks, [`number ${LINES + 1}, then: 7 bytes were cut`]);
});

Deno.test("verifyAudit() finds any removal, swap, copy or insertion of lines", async () => {
  const at = fc.nat({ max: LINES - 1 });
  const insertion = fc.oneof(fc.constantFrom(...lines, ...chainOf(3, { cluster: "another" })), fc.string());
  const change = fc.oneof(
    fc.tuple(fc.constant("remove" as const), fc.nat({ max: LINES - 2 }), fc.integer({ min: 1, max: 3 })),
    fc.tuple(fc.constant("swap" as const), at, at).filter(([, a, b]) => a !== b),
    fc.tuple(fc.constant("insert" as const), fc.nat({ max: LINES }), insertion),
  );
  await fc.assert(
    fc.asyncProperty(change, async ([kind, first, second]) => {
      let changed = lines;
      if (kind === "remove") changed = lines.toSpliced(first, Math.min(second, LINES - 1 - first));
      if (kind === "swap") changed = lines.with(first, lines[second]!).with(second, lines[first]!);
      if (kind === "insert") changed = lines.toSpliced(first, 0, second);
      assertEquals((await verifyAudit(placed(changed))).kind, "broken");
    }),
    { numRuns: 500 },
  );
});

Deno.test({
  name: "verifyAudit() finds any change of one byte of a log in two files",
  ignore: !granted,
  fn: async () => {
    // Characters that lenient readers let pass, or make of others.
    const first = [
      ...chainOf(2),
      sealAuditLine(askedEntry(3, { what: "�é\u2028" }), {
        after: { seq: 2, hash: hashOf(chainOf(2)[1]) },
        time: "x",
      }).text,
    ];
    const second = chainOf(3, { from: { seq: 3, hash: hashOf(first.at(-1)) } });
    const bytes = [first, second].map((part) => new TextEncoder().encode(`${part.join("\n")}\n`));
    const names = [olderAuditFile(1), "audit.jsonl"];
    await inDataFolder({ [names[0]!]: bytes[0]!, [names[1]!]: bytes[1]! }, async (_, folder) => {
      const whole = await verifyAudit(auditLinesIn(folder));
      assertEquals([whole.kind, whole.kind === "whole" && whole.lines], ["whole", 6]);
      const change = fc.tuple(fc.nat({ max: 1 }), fc.nat(), fc.integer({ min: 1, max: 255 }));
      const assertFound = async (file: number, changed: Uint8Array) => {
        await Deno.writeFile(join(folder, names[file]!), changed);
        assertEquals((await verifyAudit(auditLinesIn(folder))).kind, "broken");
        await Deno.writeFile(join(folder, names[file]!), bytes[file]!);
      };
      await fc.assert(
        fc.asyncProperty(change, async ([file, place, difference]) => {
          const changed = bytes[file]!.slice();
          const at = place % changed.length;
          changed[at] = changed[at]! ^ difference;
          await assertFound(file, changed);
        }),
        { numRuns: 500 },
      );
      const mark = new TextEncoder().encode("�");
      const at = bytes[0]!.findIndex((_, at) => mark.every((byte, next) => bytes[0]![at + next] === byte));
      assert(at > 0);
      await assertFound(0, bytes[0]!.with(at, 0xf0));
      await assertFound(1, new Uint8Array([0xef, 0xbb, 0xbf, ...bytes[1]!]));
      await assertFound(1, new Uint8Array([...bytes[1]!, 0x0a]));
    });
  },
});

Deno.test({
  name: "verifyAudit() finds a file that is gone, renamed or cut at its end, and a last line that isn't ended",
  ignore: !granted,
  fn: async () => {
    const first = chainOf(3);
    const second = chainOf(3, { from: { seq: 3, hash: hashOf(first.at(-1)) } });
    const files = { [olderAuditFile(1)]: `${first.join("\n")}\n`, "audit.jsonl": `${second.join("\n")}\n` };
    const cases: [AuditFault, Record<string, string>][] = [
      ["removed", { "audit.jsonl": files["audit.jsonl"]! }],
      ["removed", { ...files, [olderAuditFile(1)]: `${first.slice(0, 2).join("\n")}\n` }],
      ["removed", { ...files, [olderAuditFile(1)]: "" }],
      ["reordered", { [olderAuditFile(1)]: files["audit.jsonl"]!, "audit.jsonl": files[olderAuditFile(1)]! }],
      ["truncated", { ...files, "audit.jsonl": second.join("\n") }],
      ["foreign", { ...files, "audit.jsonl": `${"x".repeat(200_000)}\n` }],
    ];
    for (const [fault, changed] of cases) {
      await inDataFolder(changed, async (_, folder) => {
        const verdict = await verifyAudit(auditLinesIn(folder));
        assert(verdict.kind === "broken");
        assertEquals(verdict.fault, fault, verdict.detail);
        assertStringIncludes(verdict.file, folder);
      });
    }
    await inDataFolder({ [olderAuditFile(1)]: files[olderAuditFile(1)]! }, async (_, folder) => {
      assertEquals((await verifyAudit(auditLinesIn(folder))).kind, "whole", "none is written yet");
    });
  },
});
