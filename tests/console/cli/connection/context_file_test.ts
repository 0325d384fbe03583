import { assertEquals, assertStringIncludes } from "@std/assert";
import { granted, whenGranted } from "../../../support/granted.ts";
import { fakeController, run } from "../fake_controller.ts";

const FILE = "/home/ada/.config/muster/config.yaml";
const HOME = { HOME: "/home/ada" };

Deno.test("context add, ls, use and rm keep names for controllers, and never show a token", whenGranted, async () => {
  const files: Record<string, string> = { token: "muster_one\n" };
  const call = { env: HOME, files, input: "muster_two\n" };
  const add = (name: string, ...line: string[]) => run(["context", "add", name, "--server", ...line], call);
  assertEquals(
    (await add("prod", "https://a.example:8000/", "--token-file", "token")).out,
    "prod: https://a.example:8000\n",
  );
  assertStringIncludes((await add("lab", "http://b.example", "--token-file", "-")).out, '"controller context use lab"');
  assertStringIncludes(files[FILE] ?? "", "muster_two");
  assertEquals((await run(["context", "use", "lab"], call)).code, 0);
  const { out } = await run(["context", "ls"], call);
  assertEquals(out.split("\n").map((line) => line.trim().replace(/ +/g, " ")), [
    "NAME SERVER TOKEN",
    "* lab http://b.example kept",
    "prod https://a.example:8000 kept",
    "",
  ]);
  assertEquals((await run(["context", "rm", "lab"], call)).code, 0);
  assertEquals(JSON.parse((await run(["context", "ls", "-o", "json"], call)).out), [
    { name: "prod", server: "https://a.example:8000", token: true, current: false },
  ]);
});

Deno.test(
  "a file of contexts that others may read isn't used, and the message says what to do",
  whenGranted,
  async () => {
    for (const mode of [0o100644, 0o100640, 0o100602]) {
      const { code, errors } = await run(["context", "ls"], {
        env: HOME,
        files: { [FILE]: "" },
        modes: { [FILE]: mode },
      });
      assertEquals([code, errors], [
        2,
        `Cannot use ${FILE}: it holds tokens, and others may read it; run: chmod 600 ${FILE}\n`,
      ]);
    }
  },
);

Deno.test("XDG_CONFIG_HOME says where the file is; without any home none can be kept", whenGranted, async () => {
  const files: Record<string, string> = {};
  const line = ["context", "add", "prod", "--server", "http://a.example"];
  await run(line, { env: { ...HOME, XDG_CONFIG_HOME: "/etc/ada" }, files });
  assertEquals(Object.keys(files), ["/etc/ada/muster/config.yaml"]);
  assertStringIncludes((await run(line)).errors, "HOME is not set");
});

Deno.test(
  "what is no context is said: a broken file, an unknown name, a name that can't be one",
  whenGranted,
  async () => {
    const errorsOf = async (line: string[], text: string) =>
      (await run(line, { env: HOME, files: { [FILE]: text } })).errors;
    assertStringIncludes(await errorsOf(["context", "ls"], "contexts: [1]"), `Cannot use ${FILE}`);
    assertStringIncludes(await errorsOf(["context", "ls"], "a: {"), `Cannot use ${FILE}`);
    assertStringIncludes(await errorsOf(["context", "ls"], "contexts: {a: {server: x, tokn: y}}"), "tokn");
    const two = "contexts: {b: {server: 'http://b'}, a: {server: 'http://a'}}";
    for (const name of ["c", "constructor", "__proto__"]) {
      assertStringIncludes(await errorsOf(["context", "use", name], two), "known: a, b");
    }
    assertStringIncludes(await errorsOf(["context", "add", "../x", "--server", "http://a"], ""), "a name is 1 to 63");
    assertStringIncludes(await errorsOf(["context", "add", "x"], ""), "--server <url>");
  },
);

Deno.test({
  name: "the file that a real command writes is its owner's alone",
  ignore: !granted || Deno.build.os === "windows",
  fn: async () => {
    const { processIo } = await import("../../../../lib/console/cli/process_io.ts");
    const folder = await Deno.makeTempDir({ prefix: "muster-test-" });
    try {
      const { writeFile, modeOf } = processIo(new AbortController().signal);
      await writeFile(`${folder}/muster/config.yaml`, "contexts: {}\n");
      const modes = await Promise.all([`${folder}/muster`, `${folder}/muster/config.yaml`].map(modeOf));
      assertEquals(modes.map((mode) => (mode ?? 0) & 0o777), [0o700, 0o600]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name:
    "a command goes where the flag says, else the environment, else the context; a token only to its own controller",
  ignore: !granted,
  fn: async () => {
    const seen: (string | null)[] = [];
    const note = (name: string) => ({ headers }: Request) => {
      seen.push(name, headers.get("authorization"));
      return Response.json({ items: [], next_cursor: null });
    };
    await using one = fakeController({ "/v1/tokens": note("one") });
    await using two = fakeController({ "/v1/tokens": note("two") });
    const contexts = { one: { server: one.server, token: "t1" }, two: { server: two.server, token: "t2" } };
    const files = { [FILE]: JSON.stringify({ current: "one", contexts }), other: "t3" };
    const ask = async (line: string[], env: Record<string, string> = {}) => {
      seen.length = 0;
      const { code, errors } = await run(["token", "ls", ...line], { env: { ...HOME, ...env }, files });
      assertEquals([code, errors], [0, ""]);
      return seen.join(" ");
    };
    assertEquals(await ask([]), "one Bearer t1");
    assertEquals(await ask(["--context", "two"]), "two Bearer t2");
    assertEquals(await ask([], { MUSTER_CONTEXT: "two" }), "two Bearer t2");
    assertEquals(await ask(["--server", two.server]), "two ");
    assertEquals(await ask(["--server", two.server, "--context", "one"]), "two ");
    assertEquals(await ask(["--server", one.server, "--context", "one"]), "one Bearer t1");
    assertEquals(await ask([], { MUSTER_SERVER: two.server }), "two ");
    assertEquals(await ask(["--token-file", "other"]), "one Bearer t3");
    assertEquals(
      await ask(["--server", one.server], { MUSTER_SERVER: two.server, MUSTER_TOKEN_FILE: "other" }),
      "one Bearer t3",
    );
  },
});
