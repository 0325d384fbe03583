import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, refusal, run } from "./fake_controller.ts";

Deno.test("runCommand() names the nearest command to an unknown one and exits with 2", async () => {
  const { code, out, errors } = await run(["staus"]);
  assertEquals([code, out], [2, ""]);
  assertStringIncludes(errors, 'Unknown command "staus": did you mean status?');
  assertStringIncludes(errors, '"controller help"');
  assert(!(await run(["\x1b[31mzzz"])).errors.includes("\x1b"));
});

Deno.test("help lists the commands", async () => {
  const { code, out } = await run(["help"]);
  assertEquals(code, 0);
  for (const part of ["Usage: controller [serve]", "  status ", "  logs "]) assertStringIncludes(out, part);
});

Deno.test("a group's name alone, or with a word that isn't in it, lists its commands", async () => {
  const { code, out } = await run(["token", "--help"]);
  assertEquals(code, 0);
  assertMatch(out, /^Commands:\n {2}token create .*\n {2}token ls .*\n {2}token rm .*\n$/);
  for (const line of [["token"], ["token", "creat"]]) {
    const { code, errors } = await run(line);
    assertEquals(code, 2);
    assertStringIncludes(errors, "  token create ");
    assert(!errors.includes("  context "));
  }
  assertStringIncludes(
    (await run(["token", "creat"])).errors,
    'Unknown command "token creat": did you mean token create?',
  );
  assertMatch((await run(["token"])).errors, /^Cannot tell what to do: "token" is a group of commands\n\nCommands:\n/);
});

Deno.test("help serve says where the flags of the controller itself are", async () => {
  const { code, out } = await run(["help", "serve"]);
  assertEquals([code, out], [0, '"controller --help" lists the flags of the controller itself.\n']);
});

Deno.test("a reader that has left a pipe is the end, and no failure, of help as of any command", async () => {
  for (const line of [["help"], ["help", "ls"], ["ls", "--help"], ["man"], ["token", "--help"]]) {
    const onOut = () => {
      throw new Deno.errors.BrokenPipe("gone");
    };
    assertEquals((await run([...line], { onOut })).code, 0, line.join(" "));
  }
});

Deno.test("each command has a help page with its own flags and the common ones", async () => {
  const { code, out } = await run(["logs", "--help"]);
  assertEquals(code, 0);
  for (const part of ["Usage: controller logs [<service|replica>]", "-f, --follow", "--server", "MUSTER_TOKEN_FILE"]) {
    assertStringIncludes(out, part);
  }
});

Deno.test("help of a command is that command's page, with what to know and examples", async () => {
  const { code, out } = await run(["help", "logs"]);
  assertEquals([code, out], [0, (await run(["logs", "--help"])).out]);
  assertStringIncludes(out, "\nExamples:\n  controller logs web -f\n");
  assertStringIncludes((await run(["help", "token"])).out, "  token create ");
  assertStringIncludes((await run(["help", "token", "ls"])).out, "Usage: controller token ls");
  const { code: unknown, errors } = await run(["help", "log"]);
  assertEquals(unknown, 2);
  assertStringIncludes(errors, "did you mean logs?");
});

Deno.test("a wrong flag, too many words or a server that is no address exit with 2", async () => {
  for (
    const line of [["status", "--zzz"], ["status", "x"], ["status", "--server", "ftp://x"], ["status", "-o", "xml"]]
  ) {
    const { code, errors } = await run(line);
    assertEquals(code, 2, line.join(" "));
    assert(errors.length > 0);
  }
});

Deno.test({
  name: "runCommand() turns what the controller refuses into exit codes: 3 unknown, 4 conflict, 7 not allowed",
  ignore: !granted,
  fn: async () => {
    for (const [status, expected] of [[404, 3], [409, 4], [401, 7], [403, 7], [400, 2], [500, 1]] as const) {
      await using fake = fakeController({ "/status": () => refusal(status, "because") });
      const { code, errors } = await run(["status", "--server", fake.server]);
      assertEquals(code, expected, String(status));
      assertStringIncludes(errors, "because");
      assertEquals(errors.includes("--token-file"), expected === 7);
    }
  },
});

Deno.test({
  name: "a controller that isn't there exits with 8 and says what to do",
  ignore: !granted,
  fn: async () => {
    const fake = fakeController({});
    await fake[Symbol.asyncDispose]();
    const { code, errors } = await run(["status"], { env: { MUSTER_SERVER: fake.server } });
    assertEquals(code, 8);
    assertMatch(errors, /^Cannot reach the controller at http:.*: nothing listens there\nStart one with/);
  },
});

Deno.test({
  name: "something else that answers there exits with 8 as well",
  ignore: !granted,
  fn: async () => {
    for (const status of [200, 404]) {
      await using fake = fakeController({ "/status": () => new Response("<html>", { status }) });
      assertEquals((await run(["status", "--server", fake.server])).code, 8);
    }
  },
});

Deno.test({
  name: "the token comes from a file, and an unusable file is said before anything is asked",
  ignore: !granted,
  fn: async () => {
    const seen: (string | null)[] = [];
    await using fake = fakeController({
      "/status": ({ headers }) => {
        seen.push(headers.get("authorization"));
        return refusal(403, "no");
      },
    });
    const call = { env: { MUSTER_SERVER: fake.server, MUSTER_TOKEN_FILE: "t" } };
    await run(["status"], { ...call, files: { t: "secret\n" } });
    assertEquals(seen, ["Bearer secret"]);
    assertStringIncludes((await run(["status"], call)).errors, "Cannot read the file t: no t");
    assertEquals((await run(["status"], { ...call, files: { t: "two\nlines" } })).code, 2);
    assertEquals(seen.length, 1);
  },
});

Deno.test({
  name: "an interrupted command exits with 130 and complains of nothing",
  ignore: !granted,
  fn: async () => {
    const ending = new AbortController();
    await using fake = fakeController({
      "/status": () => {
        ending.abort();
        return refusal(500, "too late");
      },
    });
    assertEquals(await run(["status", "--server", fake.server], { signal: ending.signal }), {
      code: 130,
      out: "",
      errors: "",
    });
  },
});
