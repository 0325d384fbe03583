import { assertEquals } from "@std/assert";
import { granted } from "../../../support/granted.ts";
import { type Call, fakeController, refusal, run } from "../fake_controller.ts";
import { answersOf, pageOf, serviceView } from "../sample_cluster.ts";

/** The candidates without their explanations. */
async function offered(words: readonly string[], call: Call = {}): Promise<string[]> {
  const { code, out, errors } = await run(["__complete", ...words], call);
  assertEquals([code, errors], [0, ""]);
  return out.trimEnd().split("\n").filter(Boolean).map((line) => line.split("\t")[0] ?? "");
}

function check(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn });
}

Deno.test("complete() offers commands, those of a group, flags and what a flag may be", async () => {
  assertEquals(await offered(["sta"]), ["status"]);
  assertEquals(await offered(["tok"]), ["token"]);
  assertEquals(await offered(["token", ""]), ["create", "ls", "rm"]);
  assertEquals(await offered(["token", "c"]), ["create"]);
  assertEquals(await offered(["help", "expl"]), ["explain"]);
  assertEquals(await offered(["help", "token", "c"]), ["create"]);
  assertEquals(await offered(["logs", "--fo"]), ["--follow"]);
  assertEquals(await offered(["status", "--no"]), ["--no-input"]);
  assertEquals(await offered(["status", "-o", ""]), ["table", "json", "yaml"]);
  assertEquals(await offered(["status", "--output", "y"]), ["yaml"]);
  assertEquals(await offered(["status", "--output=j"]), ["--output=json"]);
  assertEquals(await offered(["completion", ""]), ["bash", "zsh", "fish"]);
  assertEquals(await offered(["nosuch", ""]), []);
});

Deno.test("complete() leaves files and folders to the shell", async () => {
  assertEquals(await offered(["status", "--token-file", "x"]), [":files"]);
  assertEquals(await offered(["man", "--out", ""]), [":folders"]);
  assertEquals(await offered(["deploy", ""]), [":folders"]);
});

check("complete() offers the names that the controller knows", async () => {
  await using fake = fakeController(answersOf());
  const env = { MUSTER_SERVER: fake.server };
  assertEquals(await offered(["ps", ""], { env }), ["web"]);
  assertEquals(await offered(["ps", "web", ""], { env }), []);
  assertEquals(await offered(["scale", "w"], { env }), ["web="]);
  assertEquals(await offered(["logs", "web."], { env }), ["web.0", "web.1"]);
  assertEquals(await offered(["logs", "-f", "--tail", "5", ""], { env }), ["web", "web.0", "web.1"]);
  assertEquals(await offered(["explain", ""], { env }), ["web", "web.0", "web.1", "n1"]);
  assertEquals(await offered(["events", "--node", ""], { env }), ["n1"]);
  assertEquals(await offered(["events", "--node="], { env }), ["--node=n1"]);
  assertEquals(await offered(["token", "rm", ""], { env }), ["ada"]);
  assertEquals(await offered(["ps", "--server", fake.server, ""]), ["web"]);
});

check("complete() offers contexts, and asks the controller of the one that is named", async () => {
  await using fake = fakeController(answersOf());
  const files = { "/h/.config/muster/config.yaml": `contexts: {lab: {server: "${fake.server}"}}` };
  const call = { env: { HOME: "/h" }, files };
  assertEquals(await offered(["status", "--context", ""], call), ["lab"]);
  assertEquals(await offered(["context", "use", ""], call), ["lab"]);
  assertEquals(await offered(["ps", "--context", "lab", ""], call), ["web"]);
});

check("complete() is silent where the controller is away, slow, refuses, or says nonsense", async () => {
  const gone = fakeController({});
  await gone[Symbol.asyncDispose]();
  assertEquals(await offered(["ps", "--server", gone.server, ""]), []);
  for (
    const answer of [
      () => refusal(401, "who are you"),
      () => new Response("<html>"),
      () => new Promise<Response>((resolve) => setTimeout(() => resolve(new Response("")), 1_500)),
    ]
  ) {
    await using fake = fakeController({ "/v1/services": answer });
    assertEquals(await offered(["ps", "--server", fake.server, ""]), []);
  }
  assertEquals(await offered(["ps", "--server", "nonsense", ""]), []);
  assertEquals(await offered(["ps", "--token-file", "/none", ""]), []);
});

check("complete() offers no name that a shell would take for more than a name", async () => {
  const names = ["web", "$(reboot)", "a b", "x;y", "\x1b[2Jz", "`id`"];
  await using fake = fakeController({
    "/v1/services": () => Response.json(pageOf(...names.map((name) => serviceView({}, { name })))),
  });
  assertEquals(await offered(["ps", "--server", fake.server, ""]), ["web"]);
});
