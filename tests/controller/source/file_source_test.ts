import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { FILE_EVERY_MS, fileSource } from "../../../lib/controller/source/file_source.ts";
import { SOURCE_BYTES_MAX, type SourceReading, type SpecSource } from "../../../lib/controller/source/source.ts";
import { granted } from "../../support/granted.ts";

const SIGNAL = new AbortController().signal;

interface Place {
  path: string;
  write(name: string, content: string | Uint8Array): Promise<void>;
  read(name: string, seen?: string): Promise<SourceReading>;
  /** The time of day since the last file was written. */
  laterMs: number;
}

function test(name: string, fn: (place: Place) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !granted,
    fn: async () => {
      const path = await Deno.makeTempDir({ prefix: "muster-source-" });
      const place: Place = {
        path,
        write: (file, content) =>
          Deno.writeFile(join(path, file), typeof content === "string" ? new TextEncoder().encode(content) : content),
        read: (file, seen) => sourceAt(place, file).read({ seen, signal: SIGNAL }),
        laterMs: 60_000,
      };
      try {
        await fn(place);
      } finally {
        await Deno.remove(path, { recursive: true });
      }
    },
  });
}

function sourceAt(place: Place, file: string): SpecSource {
  return fileSource(join(place.path, file), { clock: { wall: () => Date.now() + place.laterMs } });
}

function textOf(reading: SourceReading) {
  if (reading.kind !== "text") throw new Error(`Expected a text, got ${JSON.stringify(reading)}`);
  return { texts: reading.texts, version: reading.version };
}

function failureOf(reading: SourceReading): string {
  return reading.kind === "failed" ? reading.reason : `not failed: ${reading.kind}`;
}

test("fileSource() reads a file once, and again when its content has changed", async ({ path, write, read }) => {
  assertEquals(await read("spec.yaml"), { kind: "missing" });
  await write("spec.yaml", "name: web\n");
  const first = textOf(await read("spec.yaml"));
  assertEquals(first.texts, [{ name: join(path, "spec.yaml"), text: "name: web\n" }]);
  assertEquals(await read("spec.yaml", first.version), { kind: "unchanged" });

  // Neither the size nor, often, the time tells them apart.
  await write("spec.yaml", "name: api\n");
  const second = textOf(await read("spec.yaml", first.version));
  assertEquals(second.texts[0]?.text, "name: api\n");

  await write("other.yaml", "name: api\n");
  await Deno.rename(join(path, "other.yaml"), join(path, "spec.yaml"));
  assertEquals(await read("spec.yaml", second.version), { kind: "unchanged" });
});

test("fileSource() waits until a file has stood for one look, by its time or by its content", async (place) => {
  const source = sourceAt(place, "spec.yaml");
  const look = () => source.read({ seen: undefined, signal: SIGNAL });
  place.laterMs = 0;
  await place.write("spec.yaml", "name: web\n");
  assertEquals(await look(), { kind: "unchanged" }, "it may be half of what is being written");
  await place.write("spec.yaml", "name: web\nreplicas: 2\n");
  assertEquals(await look(), { kind: "unchanged" });
  assertEquals(textOf(await look()).texts[0]?.text, "name: web\nreplicas: 2\n");

  await place.write("old.yaml", "name: api\n");
  place.laterMs = FILE_EVERY_MS + 1_000;
  assertEquals(textOf(await place.read("old.yaml")).texts[0]?.text, "name: api\n");
  // The time of a file server that is ahead.
  await Deno.utime(join(place.path, "old.yaml"), new Date("2100-01-01"), new Date("2100-01-01"));
  const ahead = sourceAt(place, "old.yaml");
  assertEquals(await ahead.read({ seen: undefined, signal: SIGNAL }), { kind: "unchanged" });
  assertEquals((await ahead.read({ seen: undefined, signal: SIGNAL })).kind, "text");
});

test("fileSource() takes nothing but its root for missing: of a file in it that can't be read it says which", async (place) => {
  await place.write("a.yaml", "name: a\n");
  await Deno.symlink(join(place.path, "nowhere"), join(place.path, "b.yaml"));
  const failure = failureOf(await place.read(""));
  assertStringIncludes(failure, `${join(place.path, "b.yaml")}: `);
  await Deno.remove(join(place.path, "b.yaml"));
  await Deno.mkdir(join(place.path, "deeper"));
  await Deno.symlink(join(place.path, "deeper"), join(place.path, "c.yaml"));
  assertStringIncludes(failureOf(await place.read("")), `${join(place.path, "c.yaml")}: it is neither a file`);
  assertEquals(await place.read("nothing"), { kind: "missing" });
});

test("fileSource() joins the specs of a folder in the order of their names", async ({ path, write, read }) => {
  assertEquals(textOf(await read("")).texts, []);
  await Deno.mkdir(join(path, "deeper.yaml"));
  for (const name of ["b.yml", "Z.YAML", "a.json", "notes.md", ".b.yml.swp", ".#a.yaml", "a.yaml~"]) {
    await write(name, `# ${name}`);
  }
  const { texts, version } = textOf(await read(""));
  assertEquals(texts.map(({ name }) => name), ["Z.YAML", "a.json", "b.yml"].map((name) => join(path, name)));
  assertEquals(texts.map(({ text }) => text), ["# Z.YAML", "# a.json", "# b.yml"]);
  assertEquals(await read("", version), { kind: "unchanged" });
  await Deno.rename(join(path, "b.yml"), join(path, "c.yml"));
  assertEquals((await read("", version)).kind, "text");
});

test("fileSource() reads at most 1 MiB, from one file or all files of a folder", async ({ path, write, read }) => {
  const tooLarge = "more than the 1024 KiB that a source may have";
  await write("spec.yaml", "#".repeat(SOURCE_BYTES_MAX));
  assertEquals(textOf(await read("spec.yaml")).texts[0]?.text.length, SOURCE_BYTES_MAX);
  await write("spec.yaml", "#".repeat(SOURCE_BYTES_MAX + 1));
  assertEquals(failureOf(await read("spec.yaml")), tooLarge);

  await write("spec.yaml", "#".repeat(SOURCE_BYTES_MAX));
  await write("t.yaml", "#");
  assertEquals(failureOf(await read("")), `${join(path, "t.yaml")}: ${tooLarge}`);
});

test("fileSource() gives a reason for what can't be read", async ({ path, write, read }) => {
  await write("binary.yaml", new Uint8Array([0xff, 0x00]));
  assertEquals(failureOf(await read("binary.yaml")), "no text in UTF-8");
  assertStringIncludes(failureOf(await read("binary.yaml/below")), "irectory");
  await Deno.symlink(join(path, "nowhere"), join(path, "dangling.yaml"));
  assertEquals(await read("dangling.yaml"), { kind: "missing" });
  assertEquals(
    failureOf(
      await fileSource("/dev/zero", { clock: { wall: () => Date.now() } }).read({ seen: undefined, signal: SIGNAL }),
    ),
    "it is neither a file nor a folder with files",
  );
});
