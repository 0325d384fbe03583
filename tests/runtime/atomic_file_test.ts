import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { writeFileAtomic } from "../../lib/runtime/atomic_file.ts";
import { granted } from "../support/granted.ts";

const ignore = !granted;

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "writeFileAtomic() replaces the content and leaves nothing else behind",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      const path = join(folder, "state.json");
      await writeFileAtomic(path, "old");
      await writeFileAtomic(path, new TextEncoder().encode("new"), { mode: 0o640 });
      assertEquals(await Deno.readTextFile(path), "new");
      assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["state.json"]);
      if (Deno.build.os !== "windows") assertEquals((await Deno.stat(path)).mode! & 0o777, 0o640);
    }),
});

Deno.test({
  name: "writeFileAtomic() is for its owner only unless said otherwise",
  ignore: ignore || Deno.build.os === "windows",
  fn: () =>
    withFolder(async (folder) => {
      await writeFileAtomic(join(folder, "state"), "");
      assertEquals((await Deno.stat(join(folder, "state"))).mode! & 0o777, 0o600);
    }),
});

Deno.test({
  name: "writeFileAtomic() that fails keeps the old content, removes its traces and names the cause",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      // A folder that isn't empty can't be replaced by a file, on any system.
      const path = join(folder, "taken");
      await Deno.mkdir(join(path, "inside"), { recursive: true });
      const error = await assertRejects(() => writeFileAtomic(path, "x"), Error, "the old content is kept");
      assertEquals(error.cause instanceof Error, true);
      assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["taken"]);
    }),
});

Deno.test({
  name: "writeFileAtomic() shows readers the whole old or the whole new content",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      const path = join(folder, "state");
      const contents = ["a", "b"].map((letter) => letter.repeat(100_000));
      await writeFileAtomic(path, contents[0]!);
      let writing = true;
      const writer = (async () => {
        for (let turn = 0; turn < 20; turn++) await writeFileAtomic(path, contents[turn % 2]!);
        writing = false;
      })();
      while (writing) assertEquals(contents.includes(await Deno.readTextFile(path)), true);
      await writer;
    }),
});
