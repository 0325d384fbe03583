import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { lookOver, saveBackup } from "../../../lib/console/backup/backup_file.ts";
import { UsageError } from "../../../lib/console/cli/exit_code.ts";
import { backupFile, backupLines, HEAD } from "../../support/backup_lines.ts";
import { granted } from "../../support/granted.ts";

const WHOLE = await backupFile(backupLines());
const SUMMARY = {
  cluster: HEAD.cluster,
  created_at: HEAD.created_at,
  services: 1,
  nodes: 1,
  artifacts: 1,
  bytes: WHOLE.length,
};

test("saveBackup() keeps a whole backup for its owner only, and says what is in it", async (folder) => {
  const path = join(folder, "one.backup");
  assertEquals(await saveBackup(path, comingAs(WHOLE)), SUMMARY);
  assertEquals(await lookOver(path), SUMMARY);
  assertEquals(namesIn(folder), ["one.backup"]);
  if (Deno.build.os !== "windows") assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
});

test("saveBackup() leaves nothing of a backup that was cut off", async (folder) => {
  const path = join(folder, "one.backup");
  const half = WHOLE.slice(0, WHOLE.length / 2);
  await assertRejects(() => saveBackup(path, comingAs(half)), UsageError, "was cut off");
  assertEquals(namesIn(folder), []);
});

test("saveBackup() leaves nothing when the controller goes away", async (folder) => {
  const gone = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("gone")) });
  await assertRejects(
    () => saveBackup(join(folder, "one.backup"), { begin: () => Promise.resolve(gone) }),
    Error,
    "gone",
  );
  assertEquals(namesIn(folder), []);
});

test("saveBackup() takes nobody's place, and then asks for nothing", async (folder) => {
  const path = join(folder, "one.backup");
  await Deno.writeTextFile(path, "mine");
  const begin = () => Promise.reject(new Error("it was asked for"));
  await assertRejects(() => saveBackup(path, { begin }), UsageError, "there is one already");
  assertEquals(await Deno.readTextFile(path), "mine");
});

test("saveBackup() says what is wrong with the place", async (folder) => {
  const path = join(folder, "none", "one.backup");
  await assertRejects(() => saveBackup(path, comingAs(WHOLE)), UsageError, "there is no such file or folder");
});

test("lookOver() refuses what is no backup", async (folder) => {
  const path = join(folder, "spec.yaml");
  await Deno.writeTextFile(path, "name: web\n");
  await assertRejects(() => lookOver(path), UsageError, `Cannot use ${path}: it is no backup`);
});

function comingAs(bytes: Uint8Array<ArrayBuffer>) {
  return { begin: () => Promise.resolve(new Blob([bytes]).stream()) };
}

function test(name: string, run: (folder: string) => Promise<void>): void {
  Deno.test(name, { ignore: !granted }, async () => {
    const folder = await Deno.makeTempDir({ prefix: "muster-backup-" });
    try {
      await run(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}
