import { assertEquals, assertMatch } from "@std/assert";
import { findProgram, type Places } from "../../../lib/agent/process/program.ts";
import { granted } from "../../support/granted.ts";

const ignore = !granted || Deno.build.os === "windows";

/** Folders beside the agent, for its work, and in PATH; `files` are made in them. */
async function withPlaces(
  files: Record<string, number>,
  check: (places: Places) => void | Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  for (const folder of ["beside", "work", "bin", "artifact"]) await Deno.mkdir(`${root}/${folder}`);
  for (const [name, mode] of Object.entries(files)) {
    await Deno.writeTextFile(`${root}/${name}`, "");
    await Deno.chmod(`${root}/${name}`, mode);
  }
  const path = `relative:${root}/bin`;
  try {
    await check({ beside: `${root}/beside`, deno: undefined, workingFolder: `${root}/work`, path, os: Deno.build.os });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function test(name: string, files: Record<string, number>, check: (places: Places) => void | Promise<void>): void {
  Deno.test({ name: `findProgram() ${name}`, ignore, fn: () => withPlaces(files, check) });
}

const found = (name: string, places: Places) => {
  const program = findProgram(name, places);
  return program.kind === "found" ? program.command : program.reason;
};

test("prefers beside the agent to its working directory, and that to PATH", {
  "beside/a": 0o755,
  "work/a": 0o755,
  "work/b": 0o755,
  "bin/a": 0o755,
  "bin/b": 0o755,
  "bin/c": 0o755,
}, (places) => {
  assertEquals(found("a", places), [`${places.beside}/a`]);
  assertEquals(found("b", places), [`${places.workingFolder}/b`]);
  assertEquals(found("c", places), [`${places.path.split(":")[1]}/c`]);
});

test(
  "passes over what can't be executed, and says so when nothing else is there",
  { "beside/a": 0o644 },
  (places) => {
    assertMatch(String(found("a", places)), /beside\/a is not executable/);
  },
);

test("runs a source beside an agent that runs from source, without downloads or prompts", {
  "beside/payload.ts": 0o644,
}, (places) => {
  assertMatch(String(found("payload", places)), /Cannot find program "payload": looked beside the agent/);
  const command = found("payload", { ...places, deno: "/opt/deno" });
  assertEquals([command[0], command[1], command.at(-1)], ["/opt/deno", "run", `${places.beside}/payload.ts`]);
  for (const flag of ["--cached-only", "--no-prompt"]) assertEquals(command.includes(flag), true);
});

test(
  "takes a name with a folder in it from the working directory only",
  { "work/x": 0o755, "bin/x": 0o755 },
  (places) => {
    assertEquals(found("./x", places), [`${places.workingFolder}/x`]);
    assertMatch(String(found("sub/x", places)), /Cannot find/);
  },
);

test("takes an absolute path as it is", { "bin/x": 0o755 }, (places) => {
  const path = `${places.path.split(":")[1]}/x`;
  assertEquals(found(path, places), [path]);
  assertMatch(String(found(`${path}y`, places)), /nothing is there/);
});

test("looks in the artifact first, and not outside of it", {
  "artifact/a": 0o755,
  "artifact/b": 0o644,
  "beside/a": 0o755,
  "beside/b": 0o755,
  "work/c": 0o755,
}, (places) => {
  const artifact = places.beside.replace("beside", "artifact");
  const within = { ...places, artifact };
  assertEquals(found("a", within), [`${artifact}/a`]);
  assertEquals(found("./a", within), [`${artifact}/a`]);
  assertEquals(found("b", within), [`${places.beside}/b`], "one that can't be executed is passed over");
  assertEquals(found("c", within), [`${places.workingFolder}/c`]);
  assertMatch(String(found("../beside/a", within)), /Cannot find program "..\/beside\/a"|beside\/a/);
  assertMatch(String(found("d", within)), /looked in the artifact, beside the agent/);
});
