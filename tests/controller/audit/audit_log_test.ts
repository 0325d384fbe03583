import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import {
  AUDIT_QUEUE_MAX,
  AuditFailedError,
  type AuditLog,
  type AuditLogOptions,
  openAuditLog,
} from "../../../lib/controller/audit/audit_log.ts";
import { systemClock as clock } from "../../../lib/runtime/clock.ts";
import { AUDIT_FILE, auditLinesIn, olderAuditFile, olderAuditFiles } from "../../../lib/wire/audit_files.ts";
import { verifyAudit } from "../../../lib/wire/audit_verify.ts";
import { askedEntry, CLUSTER, inDataFolder } from "../../support/audit_lines.ts";
import { granted } from "../../support/granted.ts";

const ignore = !granted;

async function inLog<T>(
  data: string,
  act: (audit: AuditLog) => Promise<T>,
  options: Partial<AuditLogOptions> = {},
): Promise<T> {
  await using audit = await openAuditLog({ data, cluster: CLUSTER, clock, ...options });
  return await act(audit);
}

/** The kinds of all lines, after the chain was found whole. */
async function kindsIn(folder: string): Promise<string[]> {
  const verdict = await verifyAudit(auditLinesIn(folder));
  assertEquals(verdict.kind, "whole", JSON.stringify(verdict));
  const kinds: string[] = [];
  for await (const { text = "" } of auditLinesIn(folder)) kinds.push(JSON.parse(text).kind);
  return kinds;
}

function appendMany(audit: AuditLog, count: number): Promise<void[]> {
  return Promise.all(Array.from({ length: count }, (_, nth) => audit.append(askedEntry(nth))));
}

Deno.test({
  name: "openAuditLog() begins a log for its owner only, and goes on with it the next time",
  ignore,
  fn: () =>
    inDataFolder({}, async (data, folder) => {
      const last = await inLog(data, async (audit) => {
        await audit.append(askedEntry(1));
        return audit.last;
      });
      assertEquals(last.seq, 2);
      await inLog(data, async (audit) => {
        assertEquals(audit.last, last);
        await audit.append(askedEntry(2));
      });
      assertEquals(await kindsIn(folder), ["begun", "asked", "asked"]);
      if (Deno.build.os === "windows") return;
      assertEquals((await Deno.stat(folder)).mode! & 0o777, 0o700);
      assertEquals((await Deno.stat(join(folder, AUDIT_FILE))).mode! & 0o777, 0o600);
    }),
});

Deno.test({
  name: "append() lets those who come at once share a trip to the disk",
  ignore,
  fn: () =>
    inDataFolder({}, async (data, folder) => {
      let syncs = 0;
      const sync = (file: Deno.FsFile) => {
        syncs += 1;
        return file.syncData();
      };
      await inLog(data, (audit) => appendMany(audit, 1_000), { sync });
      assert(syncs < 10, `${syncs} syncs for 1000 appends`);
      assertEquals((await kindsIn(folder)).length, 1_001);
    }),
});

Deno.test({
  name: "append() resolves only after the disk has it",
  ignore,
  fn: () =>
    inDataFolder({}, async (data) => {
      const arrived = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      let isHeld = false;
      const sync = async () => {
        if (!isHeld) return;
        arrived.resolve();
        await gate.promise;
      };
      await inLog(data, async (audit) => {
        isHeld = true;
        let isDone = false;
        const appended = audit.append(askedEntry(1)).then(() => isDone = true);
        await arrived.promise;
        assertEquals([isDone, audit.last.seq], [false, 1]);
        assertEquals((await audit.read({ after: undefined, limit: 10 })).entries.length, 1, "nor is it shown before");
        gate.resolve();
        await appended;
        assertEquals(audit.last.seq, 2);
      }, { sync });
    }),
});

Deno.test({
  name: "append() refuses what would wait behind too many others, and what comes after the end",
  ignore,
  fn: () =>
    inDataFolder({}, async (data) => {
      const closed = await inLog(data, async (audit) => {
        // The first is on its way already and waits no more.
        const accepted = appendMany(audit, AUDIT_QUEUE_MAX + 1);
        const error = await assertRejects(() => audit.append(askedEntry(0)), AuditFailedError);
        assertStringIncludes(error.message, "wait for the disk already; nothing was changed");
        await accepted;
        return audit;
      }, { sync: () => Promise.resolve() });
      await assertRejects(() => closed.append(askedEntry(0)), AuditFailedError, "it is closed");
    }),
});

Deno.test({
  name: "append() takes back what the disk failed to keep, rejects, and works again afterwards",
  ignore,
  fn: () =>
    inDataFolder({}, async (data, folder) => {
      let isFailing = false;
      const sync = () => isFailing ? Promise.reject(new Error("disk on fire")) : Promise.resolve();
      await inLog(data, async (audit) => {
        await audit.append(askedEntry(1));
        isFailing = true;
        const outcomes = await Promise.allSettled([audit.append(askedEntry(2)), audit.append(askedEntry(3))]);
        for (const outcome of outcomes) {
          assert(outcome.status === "rejected" && outcome.reason instanceof AuditFailedError);
          assertStringIncludes(outcome.reason.message, "disk on fire; nothing was changed");
        }
        isFailing = false;
        await audit.append(askedEntry(4));
        assertEquals(audit.last.seq, 3);
      }, { sync });
      assertEquals(await kindsIn(folder), ["begun", "asked", "asked"]);
    }),
});

Deno.test({
  name: "a log that can't be written at the start opens, refuses, and records what it has to once it can",
  ignore,
  fn: () =>
    inDataFolder({ [AUDIT_FILE]: '{"seq":1,' }, async (data, folder) => {
      let isFailing = true;
      const sync = () => isFailing ? Promise.reject(new Error("no space")) : Promise.resolve();
      await inLog(data, async (audit) => {
        await assertRejects(() => audit.append(askedEntry(1)), AuditFailedError, "no space");
        isFailing = false;
        await audit.append(askedEntry(2));
      }, { sync });
      assertEquals(await kindsIn(folder), ["begun", "mended", "asked"]);
    }),
});

Deno.test({
  name: "a file that has grown large is set aside, and the chain leads through all of them",
  ignore,
  fn: () =>
    inDataFolder({}, async (data, folder) => {
      const options = { fileBytesMax: 2_000 };
      await inLog(data, async (audit) => {
        for (let nth = 1; nth <= 20; nth++) await audit.append(askedEntry(nth));
      }, options);
      await inLog(data, async (audit) => {
        for (let nth = 21; nth <= 40; nth++) await audit.append(askedEntry(nth));
        const { entries, next } = await audit.read({ after: 0, limit: 1_000 });
        assertEquals(entries.map(({ seq }) => seq), Array.from({ length: audit.last.seq }, (_, at) => at + 1));
        assertEquals(next, null);
      }, options);
      const older = await olderAuditFiles(folder);
      assert(older.length > 5);
      assertEquals((await kindsIn(folder)).filter((kind) => kind === "begun").length, older.length + 1);
    }),
});

Deno.test({
  name: "a file is not set aside in the place of another: the append is refused and nothing is lost",
  ignore,
  fn: () =>
    inDataFolder({}, async (data, folder) => {
      const obstacle = join(folder, olderAuditFile(1));
      await inLog(data, async (audit) => {
        await audit.append(askedEntry(1));
        await Deno.writeTextFile(obstacle, "something");
        await assertRejects(
          () => audit.append(askedEntry(2, { what: "x".repeat(500) })),
          AuditFailedError,
          "move it away",
        );
        await Deno.remove(obstacle);
        await audit.append(askedEntry(3));
      }, { fileBytesMax: 300 });
      assertEquals(await kindsIn(folder), ["begun", "asked", "begun", "asked"]);
    }),
});

Deno.test({
  name: "a second controller can't open the same log",
  ignore,
  fn: () =>
    inDataFolder({}, (data) =>
      inLog(data, async () => {
        await assertRejects(() => inLog(data, () => Promise.resolve()), Error, "another controller has it open");
      })),
});

Deno.test({
  name: "another cluster that goes on in the same folder says so in the chain",
  ignore,
  fn: () =>
    inDataFolder({}, async (data, folder) => {
      await inLog(data, (audit) => audit.append(askedEntry(1)));
      await inLog(data, (audit) => audit.append(askedEntry(2)), { cluster: "another" });
      assertEquals(await kindsIn(folder), ["begun", "asked", "begun", "asked"]);
    }),
});
