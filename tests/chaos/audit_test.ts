/**
 * The audit log against kill -9 and a full disk: what was acknowledged is on record afterwards, in a chain that is whole.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { AuditFailedError, openAuditLog } from "../../lib/controller/audit/audit_log.ts";
import { systemClock as clock } from "../../lib/runtime/clock.ts";
import { intBetween, seededRandom } from "../../lib/runtime/random.ts";
import { AUDIT_FILE, auditLines, auditLinesIn, olderAuditFiles } from "../../lib/wire/audit_files.ts";
import { verifyAudit } from "../../lib/wire/audit_verify.ts";
import { askedEntry, CLUSTER, inDataFolder } from "../support/audit_lines.ts";
import { granted } from "../support/granted.ts";

const APPENDER = new URL("../support/audit_appender.ts", import.meta.url).href;
const KILLS = 10;

Deno.test({
  name: `audit log: what was acknowledged survives ${KILLS} kills with -9, and the chain is whole`,
  ignore: !granted,
  fn: () =>
    inDataFolder({}, async (data, folder) => {
      const seed = Date.now();
      const random = seededRandom(seed);
      const acknowledged = new Set<string>();
      for (let round = 1; round <= KILLS; round++) {
        const enough = acknowledged.size + intBetween(random, { min: 1, max: 300 });
        const args = ["run", "--no-check", "-A", APPENDER, data, String(round)];
        const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
        for await (const request of linesOf(child.stdout)) {
          acknowledged.add(request);
          if (acknowledged.size === enough) child.kill("SIGKILL");
        }
        assert(!(await child.status).success);
        await tearLastLine(folder, round);
        // Opening mends what the kill has left.
        await (await openAuditLog({ data, cluster: CLUSTER, clock }))[Symbol.asyncDispose]();
        const verdict = await verifyAudit(auditLinesIn(folder));
        assertEquals(verdict.kind, "whole", `seed ${seed}, round ${round}: ${JSON.stringify(verdict)}`);
        const missing = acknowledged.difference(await requestsIn(folder));
        assertEquals([...missing], [], `seed ${seed}, round ${round}`);
      }
      assert((await olderAuditFiles(folder)).length > 0, "files were set aside meanwhile");
    }),
});

/** A kill hardly ever leaves a part of a line, as a power cut does: every second one does here. */
async function tearLastLine(folder: string, round: number): Promise<void> {
  if (round % 2 === 0) return;
  await Deno.writeTextFile(join(folder, AUDIT_FILE), '{"seq":123,"ti', { append: true });
}

const canMount = granted && Deno.build.os === "linux" && Deno.uid() === 0 &&
  await inDataFolder({}, async (data) => await mountsSmallDisk(data) && await succeeds("umount", [data]));

Deno.test({
  name: `audit log: refuses while the disk is full, and goes on when there is room${canMount ? "" : " (needs root)"}`,
  ignore: !canMount,
  fn: () =>
    inDataFolder({}, async (data, folder) => {
      assert(await mountsSmallDisk(data));
      try {
        await fillSmallDisk(data, folder);
      } finally {
        assert(await succeeds("umount", [data]));
      }
    }),
});

async function fillSmallDisk(data: string, folder: string): Promise<void> {
  const ballast = join(data, "ballast");
  Deno.writeFileSync(ballast, new Uint8Array(500_000));
  const acknowledged = new Set<string>();
  const what = "x".repeat(900);
  {
    await using audit = await openAuditLog({ data, cluster: CLUSTER, clock });
    let nth = 0;
    const append = async () => {
      const entry = askedEntry(nth += 1, { what });
      try {
        await audit.append(entry);
        if (entry.kind === "asked") acknowledged.add(entry.request);
        return "recorded";
      } catch (error) {
        if (!(error instanceof AuditFailedError)) throw error;
        return "refused";
      }
    };
    const group = () => Promise.all(Array.from({ length: 50 }, append));
    while (!(await group()).includes("refused"));
    assert(acknowledged.size > 100, "many fitted");
    // What is small may still fit; then nothing does.
    while (await append() === "recorded");
    assertEquals(await append(), "refused");
    assertEquals((await verifyAudit(auditLinesIn(folder))).kind, "whole", "nothing lies behind the last line");
    Deno.removeSync(ballast);
    assertEquals(new Set(await group()), new Set(["recorded"]));
  }
  assertEquals((await verifyAudit(auditLinesIn(folder))).kind, "whole");
  assertEquals(await requestsIn(folder), acknowledged);
}

Deno.test({
  name: `audit log: starts on a full disk, refusing, and mends itself when there is room${
    canMount ? "" : " (needs root)"
  }`,
  ignore: !canMount,
  fn: () =>
    inDataFolder({}, async (data, folder) => {
      assert(await mountsSmallDisk(data));
      try {
        await (await openAuditLog({ data, cluster: CLUSTER, clock }))[Symbol.asyncDispose]();
        await Deno.writeTextFile(join(folder, AUDIT_FILE), "x".repeat(100), { append: true });
        // The torn line's own page is given back by the cut, and filled by the ballast first.
        const ballast = join(data, "ballast");
        await fill(ballast);
        await using audit = await openAuditLog({ data, cluster: CLUSTER, clock });
        while (await audit.append(askedEntry(1, { what: "x".repeat(900) })).then(() => true, () => false));
        Deno.removeSync(ballast);
        await audit.append(askedEntry(2));
        const verdict = await verifyAudit(auditLinesIn(folder));
        assert(verdict.kind === "whole");
        assertEquals(verdict.remarks.length, 1);
      } finally {
        assert(await succeeds("umount", [data]));
      }
    }),
});

async function fill(path: string): Promise<void> {
  const block = new Uint8Array(4_096);
  try {
    while (true) await Deno.writeFile(path, block, { append: true });
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("os error 28"))) throw error;
  }
}

async function requestsIn(folder: string): Promise<Set<string>> {
  const requests = new Set<string>();
  const paths = [...(await olderAuditFiles(folder)).map(({ path }) => path), join(folder, AUDIT_FILE)];
  for (const path of paths) {
    for await (const { text = "" } of auditLines(path)) {
      const { kind, request } = JSON.parse(text);
      if (kind === "asked") requests.add(request);
    }
  }
  return requests;
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Mounts 2 MB of memory on the folder. */
function mountsSmallDisk(folder: string): Promise<boolean> {
  return succeeds("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]);
}

async function succeeds(program: string, args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
