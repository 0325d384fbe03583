import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { recoverAudit } from "../../../lib/controller/audit/recover.ts";
import { AUDIT_ORIGIN, readAuditLink } from "../../../lib/wire/audit.ts";
import { AUDIT_FILE, olderAuditFile } from "../../../lib/wire/audit_files.ts";
import { chainOf, CLUSTER, inDataFolder } from "../../support/audit_lines.ts";
import { granted } from "../../support/granted.ts";

const ignore = !granted;
const lines = chainOf(6);
const whole = `${lines.join("\n")}\n`;

function headOf(line = "") {
  const reading = readAuditLink(line);
  assert(reading.kind === "link");
  return { seq: reading.link.seq, hash: reading.link.hash };
}

function recovered(files: Readonly<Record<string, string>>) {
  return inDataFolder({ lock: "", ...files }, (_, folder) => recoverAudit(folder));
}

Deno.test({
  name: "recoverAudit() finds where a whole log ends, and the beginning of one that isn't there",
  ignore,
  fn: async () => {
    const end = { bytes: whole.length, firstSeq: 1, older: [], cluster: CLUSTER, notes: [] };
    assertEquals(await recovered({ [AUDIT_FILE]: whole }), { head: headOf(lines.at(-1)), ...end });
    const begin = { head: AUDIT_ORIGIN, bytes: 0, firstSeq: 1, older: [], cluster: undefined, notes: [] };
    assertEquals(await recovered({}), begin);
  },
});

Deno.test({
  name: "recoverAudit() leaves out what a crash left of a line, wherever it was cut, and notes it",
  ignore,
  fn: async () => {
    const before = `${lines.slice(0, 5).join("\n")}\n`;
    for (const cut of [1, 2, 100, whole.length - before.length - 1]) {
      const { head, bytes, notes } = await recovered({ [AUDIT_FILE]: whole.slice(0, before.length + cut) });
      assertEquals([head, bytes], [headOf(lines[4]), before.length]);
      assertEquals(notes.map(({ kind }) => kind), ["mended"]);
      assertStringIncludes(JSON.stringify(notes), `${cut} bytes of a line`);
    }
    const zeros = await recovered({ [AUDIT_FILE]: before + "\0".repeat(4_096) });
    assertEquals([zeros.bytes, zeros.notes.length], [before.length, 1]);
  },
});

Deno.test({
  name: "recoverAudit() goes on behind a broken chain, and notes the first line that is wrong",
  ignore,
  fn: async () => {
    const edited = lines.with(2, lines[2]!.replace("alice", "mallory")).join("\n");
    const { head, bytes, notes } = await recovered({ [AUDIT_FILE]: `${edited}\n` });
    assertEquals([head, bytes], [headOf(lines.at(-1)), edited.length + 1]);
    assertEquals(notes.length, 1);
    assertStringIncludes(JSON.stringify(notes), "line 3: its content is not what its hash was made of");
    const alien = await recovered({ [AUDIT_FILE]: `${whole}hello\n` });
    assertEquals([alien.head.seq, alien.bytes, alien.notes[0]?.kind], [6, whole.length + 6, "broken"]);
  },
});

Deno.test({
  name: "recoverAudit() goes on from the file that was set aside last when none is written yet",
  ignore,
  fn: async () => {
    const { head, bytes, firstSeq, older, notes } = await recovered({ [olderAuditFile(1)]: whole });
    assertEquals([head, bytes, firstSeq, older.length, notes], [headOf(lines.at(-1)), 0, 7, 1, []]);
    const second = chainOf(2, { from: head });
    const both = await recovered({ [olderAuditFile(1)]: whole, [AUDIT_FILE]: `${second.join("\n")}\n` });
    assertEquals([both.head.seq, both.firstSeq, both.notes], [8, 7, []]);
    const torn = await recovered({ [olderAuditFile(1)]: whole, [AUDIT_FILE]: second[0]!.slice(0, 50) });
    assertEquals([torn.head.seq, torn.firstSeq, torn.bytes, torn.notes[0]?.kind], [6, 7, 0, "mended"]);
  },
});

Deno.test({
  name: "recoverAudit() notes a file that doesn't follow the one before, and one that nobody can read",
  ignore,
  fn: async () => {
    const second = `${chainOf(2, { from: headOf(lines[4]) }).join("\n")}\n`;
    const gap = await recovered({ [olderAuditFile(1)]: `${lines.slice(0, 3).join("\n")}\n`, [AUDIT_FILE]: second });
    assertStringIncludes(JSON.stringify(gap.notes), "numbers 4 to 5 are missing");
    assertEquals(gap.head.seq, 7);
    const lost = await recovered({ [olderAuditFile(9)]: "hello\n" });
    assertEquals([lost.head.seq, lost.firstSeq, lost.notes[0]?.kind], [9, 10, "broken"]);
  },
});
