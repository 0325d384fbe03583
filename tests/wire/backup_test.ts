import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { BackupFault, type BackupLine, readBackup } from "../../lib/wire/backup.ts";
import { backupFile, backupLines, HEAD } from "../support/backup_lines.ts";

Deno.test("a backup is read as it was written", async () => {
  const lines = backupLines();
  assertEquals(await Array.fromAsync(readBackup(streamOf(await backupFile(lines)))), lines);
});

Deno.test("a backup that was cut off anywhere is refused", async () => {
  const whole = await backupFile(backupLines());
  for (let length = 0; length < whole.length; length += 7) {
    await assertRejects(
      () => read(whole.slice(0, length)),
      BackupFault,
      undefined,
      `${length} of ${whole.length} bytes`,
    );
  }
});

Deno.test("a backup that was changed anywhere is refused, or says the same", async () => {
  const lines = backupLines();
  const whole = await backupFile(lines);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const changed = whole.slice();
      changed[at] = changed[at]! ^ by;
      try {
        // Some bytes of a gzip's head mean nothing.
        assertEquals(await read(changed), lines);
      } catch (error) {
        if (!(error instanceof BackupFault)) throw error;
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("a backup whose lines were changed is refused by its digest, whatever packed it anew", async () => {
  const texts = (await textOf(await backupFile(backupLines()))).split("\n");
  const changed = texts.map((text) => text.replace('"name":"alpha"', '"name":"gamma"')).join("\n");
  await assertRejects(() => readText(changed), BackupFault, "it was changed");
  await assertRejects(() => readText(texts.toSpliced(1, 1).join("\n")), BackupFault, "it was changed");
  await assertRejects(() => readText(texts.slice(0, -2).join("\n") + "\n"), BackupFault, "its end is missing");
  await assertRejects(() => readText(texts.slice(1).join("\n")), BackupFault, "does not begin as a backup does");
  await assertRejects(() => readText(`${texts.join("\n")}${texts[1]}\n`), BackupFault, "goes on after its end");
});

Deno.test("what is no backup is refused, and said to be none", async () => {
  await assertRejects(() => read(new TextEncoder().encode("name: web\n")), BackupFault, "it is no backup");
  await assertRejects(() => readText("name: web\n"), BackupFault, "its line 1 is no JSON");
  await assertRejects(() => readText('{"kind":"record"}\n'), BackupFault, "its line 1 is not what a backup holds");
  await assertRejects(() => readText("null\n"), BackupFault, "its line 1 is not what a backup holds");
});

Deno.test("a backup of a newer Muster is said to be one", async () => {
  const file = backupFile([{ ...HEAD, format: 2 }, { kind: "crystal" } as unknown as BackupLine]);
  await assertRejects(async () => read(await file), BackupFault, "made by a newer Muster (format 2, known up to 1)");
});

function read(file: Uint8Array<ArrayBuffer>): Promise<BackupLine[]> {
  return Array.fromAsync(readBackup(streamOf(file)));
}

async function readText(text: string): Promise<BackupLine[]> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return await read(new Uint8Array(await new Response(packed).arrayBuffer()));
}

async function textOf(file: Uint8Array<ArrayBuffer>): Promise<string> {
  return await new Response(streamOf(file).pipeThrough(new DecompressionStream("gzip"))).text();
}

function streamOf(file: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([file]).stream();
}
