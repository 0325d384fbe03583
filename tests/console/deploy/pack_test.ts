import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { packFolder, type PackResult } from "../../../lib/console/deploy/pack.ts";
import { ArtifactManifest } from "../../../lib/wire/artifact.ts";
import { digestOf } from "../../../lib/wire/digest.ts";
import { granted } from "../../support/granted.ts";

const onUnix = granted && Deno.build.os !== "windows";

/** Packs a folder with these files. */
async function packed(
  files: Readonly<Record<string, string | Uint8Array>>,
  prepare: (folder: string) => Promise<void> = () => Promise.resolve(),
): Promise<PackResult> {
  const folder = await Deno.makeTempDir({ prefix: "muster-pack-" });
  try {
    for (const [path, content] of Object.entries(files)) {
      await Deno.mkdir(join(folder, path, ".."), { recursive: true });
      await Deno.writeFile(
        join(folder, path),
        typeof content === "string" ? new TextEncoder().encode(content) : content,
      );
    }
    await prepare(folder);
    return await packFolder(folder, { signal: new AbortController().signal });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function refusalOf(prepare: (folder: string) => Promise<void>): Promise<string> {
  const result = await packed({ "main.ts": "1" }, prepare);
  return result.kind === "refused" ? result.reason : "";
}

Deno.test({
  name: "packFolder() lists the files sorted by path, under the digest of the list, the same for the same files",
  ignore: !granted,
  fn: async () => {
    const files = { "b/x.txt": "x", "a.ts": "hello", "b.txt": "", "B2.txt": "x" };
    const [first, second] = [await packed(files), await packed(files)];
    if (first.kind !== "packed" || second.kind !== "packed") throw new Error("refused");
    assertEquals(first.files.map(({ path }) => path), ["B2.txt", "a.ts", "b.txt", "b/x.txt"]);
    assertEquals(first.sha256, digestOf(new TextEncoder().encode(first.manifest)));
    assertEquals(first.sha256, second.sha256);
    assertEquals(ArtifactManifest.parse(JSON.parse(first.manifest)).files, [...first.files]);
    assertEquals(first.bytes, 7);
    assertEquals(first.chunks.size, 2, "the same bytes are one chunk");
  },
});

Deno.test({
  name: "packFolder() cuts large files into chunks and says where each is",
  ignore: !granted,
  fn: async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(65_536));
    const large = new Uint8Array(3_000_000);
    for (let at = 0; at < large.length; at += bytes.length) large.set(bytes.subarray(0, large.length - at), at);
    const result = await packed({ "large.bin": large });
    if (result.kind !== "packed") throw new Error(result.reason);
    const [file] = result.files;
    const found = file?.chunks.map((digest) => result.chunks.get(digest)?.size ?? 0) ?? [];
    assertEquals(found.reduce((sum, size) => sum + size, 0), large.length);
    for (const [digest, { offset, size }] of result.chunks) {
      assertEquals(digestOf(large.subarray(offset, offset + size)), digest);
    }
  },
});

Deno.test({
  name: "packFolder() leaves out what .musterignore names, .git, and what says how to deploy",
  ignore: !granted,
  fn: async () => {
    const result = await packed({
      ".musterignore": "*.log\n/data/\n",
      ".git/config": "",
      "muster.yaml": "name: web",
      "main.ts": "1",
      "a.log": "",
      "data/x": "",
      "sub/data/y": "",
      "sub/muster.yaml": "",
    });
    if (result.kind !== "packed") throw new Error(result.reason);
    assertEquals(result.files.map(({ path }) => path), ["main.ts", "sub/data/y", "sub/muster.yaml"]);
    assertEquals(result.specFile, "muster.yaml");
  },
});

Deno.test({
  name: "packFolder() takes a link to a file within the folder for that file, and marks programs",
  ignore: !onUnix,
  fn: async () => {
    const result = await packed({ "real.sh": "#!/bin/sh\n" }, async (folder) => {
      await Deno.chmod(join(folder, "real.sh"), 0o755);
      await Deno.symlink("real.sh", join(folder, "run"));
    });
    if (result.kind !== "packed") throw new Error(result.reason);
    const chunks = [digestOf(new TextEncoder().encode("#!/bin/sh\n"))];
    assertEquals(result.files, [
      { path: "real.sh", size: 10, executable: true, chunks },
      { path: "run", size: 10, executable: true, chunks },
    ]);
  },
});

Deno.test({
  name: "packFolder() refuses by name links that leave the folder, lead to folders or to nothing, and pipes",
  ignore: !onUnix,
  fn: async () => {
    assertStringIncludes(
      await refusalOf((folder) => Deno.symlink("/etc/hostname", join(folder, "out"))),
      "out is a link that leaves the folder",
    );
    assertStringIncludes(
      await refusalOf(async (folder) => {
        await Deno.mkdir(join(folder, "lib"));
        await Deno.symlink("lib", join(folder, "current"));
      }),
      "current is a link to a folder",
    );
    assertStringIncludes(
      await refusalOf((folder) => Deno.symlink("nowhere", join(folder, "gone"))),
      "gone is a link to something that is not there",
    );
    assertStringIncludes(
      await refusalOf(async (folder) => {
        await new Deno.Command("mkfifo", { args: [join(folder, "pipe")] }).output();
      }),
      "pipe is no file but a device, a pipe or a socket",
    );
  },
});

Deno.test({
  name: "packFolder() refuses names that are one on some systems, a folder without files, and what is no folder",
  ignore: !onUnix,
  fn: async () => {
    const twice = await packed({ "Readme.md": "1", "readme.md": "2" });
    assertStringIncludes(twice.kind === "refused" ? twice.reason : "", '"Readme.md" and "readme.md" are the same');
    const odd = await packed({ "a:b": "1" });
    assertStringIncludes(odd.kind === "refused" ? odd.reason : "", '"a:b" has a name that not every system takes');
    const empty = await packed({});
    assertStringIncludes(empty.kind === "refused" ? empty.reason : "", "there is no file in it");
    const signal = new AbortController().signal;
    const missing = await packFolder("/nowhere-at-all", { signal });
    assertStringIncludes(missing.kind === "refused" ? missing.reason : "", "is not there");
  },
});

Deno.test({
  name: "packFolder() refuses what lies too deep, and names that some system doesn't take",
  ignore: !onUnix,
  fn: async () => {
    const deep = (folders: number) => `${"a/".repeat(folders)}x`;
    assertEquals((await packed({ [deep(63)]: "x" })).kind, "packed");
    const refused = await packed({ [deep(64)]: "x" });
    assertStringIncludes(refused.kind === "refused" ? refused.reason : "", "lies too deep: at most 63 folders");
    const device = await packed({ "nul.txt": "x" });
    assertStringIncludes(device.kind === "refused" ? device.reason : "", "not every system takes");
  },
});
