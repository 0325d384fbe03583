import { assertEquals, assertRejects } from "@std/assert";
import { LogFile } from "../../../lib/ingress/seen/log_output.ts";
import { granted } from "../../support/granted.ts";

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "muster-access-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "LogFile appends to a file that is there, and makes one that isn't",
  ignore: !granted,
  fn: () =>
    withFolder(async (folder) => {
      for (const text of ["a\n", "b\n"]) {
        const file = new LogFile(`${folder}/access.log`);
        await file.write(text);
        file.close();
      }
      assertEquals(await Deno.readTextFile(`${folder}/access.log`), "a\nb\n");
    }),
});

Deno.test({
  name: "LogFile opens its file anew when that was moved away, removed, or replaced",
  ignore: !granted || Deno.build.os === "windows",
  fn: () =>
    withFolder(async (folder) => {
      const path = `${folder}/access.log`;
      const file = new LogFile(path);
      await file.write("1\n");
      await Deno.rename(path, `${path}.1`);
      await file.write("2\n");
      await Deno.remove(path);
      await file.write("3\n");
      await Deno.rename(path, `${path}.2`);
      await Deno.writeTextFile(path, "");
      await file.write("4\n");
      file.close();
      const texts = await Promise.all(["", ".1", ".2"].map((end) => Deno.readTextFile(`${path}${end}`)));
      assertEquals(texts, ["4\n", "1\n", "3\n"]);
    }),
});

Deno.test({
  name: "LogFile says when its folder is gone, and goes on once it is back",
  ignore: !granted || Deno.build.os === "windows",
  fn: () =>
    withFolder(async (folder) => {
      await Deno.mkdir(`${folder}/logs`);
      const file = new LogFile(`${folder}/logs/access.log`);
      await file.write("1\n");
      await Deno.remove(`${folder}/logs`, { recursive: true });
      await assertRejects(() => file.write("2\n"), Deno.errors.NotFound);
      await Deno.mkdir(`${folder}/logs`);
      await file.write("3\n");
      file.close();
      assertEquals(await Deno.readTextFile(`${folder}/logs/access.log`), "3\n");
    }),
});

Deno.test({
  name: "LogFile says when the disk is full, with the system's code",
  ignore: !granted || Deno.build.os !== "linux",
  fn: async () => {
    const file = new LogFile("/dev/full");
    const error = await assertRejects(() => file.write("1\n"), Error);
    assertEquals("code" in error && error.code, "ENOSPC");
    file.close();
  },
});
