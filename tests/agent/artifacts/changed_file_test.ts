import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { changedFile } from "../../../lib/agent/artifacts/changed_file.ts";
import { granted } from "../../support/granted.ts";

const MADE_MS = 1_700_000_000_000;
const FILES = ["a/b.txt", "c.txt"].map((path) => ({ path, size: 1, executable: false, chunks: [] }));

async function changedBy(change: (folder: string) => Promise<void>): Promise<string | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "muster-changed-" });
  try {
    await Deno.mkdir(join(folder, "a"));
    for (const { path } of FILES) await writeMade(join(folder, path), "x");
    await change(folder);
    return await changedFile(folder, { manifest: { files: FILES }, madeMs: MADE_MS });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeMade(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text);
  await Deno.utime(path, new Date(MADE_MS), new Date(MADE_MS));
}

Deno.test({
  name: "changedFile() knows files again by size and time, and minds nothing beside them",
  ignore: !granted,
  fn: async () => {
    assertEquals(await changedBy((folder) => Deno.writeTextFile(join(folder, "cache"), "")), undefined);
    assertEquals(await changedBy((folder) => Deno.writeTextFile(join(folder, "c.txt"), "y")), "c.txt");
    assertEquals(await changedBy((folder) => writeMade(join(folder, "c.txt"), "longer")), "c.txt");
    assertEquals(await changedBy((folder) => Deno.remove(join(folder, "a"), { recursive: true })), "a/b.txt");
    assertEquals(
      await changedBy((folder) => Deno.remove(folder, { recursive: true }).then(() => Deno.mkdir(folder))),
      "a/b.txt",
    );
  },
});

Deno.test({
  name: "changedFile() takes no link for the file, wherever it leads",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    const changed = await changedBy(async (folder) => {
      await Deno.rename(join(folder, "c.txt"), join(folder, "elsewhere"));
      await Deno.symlink("elsewhere", join(folder, "c.txt"));
    });
    assertEquals(changed, "c.txt");
  },
});
