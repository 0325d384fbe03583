import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { Applied, Planned } from "../../../lib/wire/change.ts";
import { granted } from "../../support/granted.ts";
import { fakeController, refusal, run } from "./fake_controller.ts";
import { service, spec } from "./seen_views.ts";

const PLANNED = Planned.parse({
  services: [{ name: "app", outcome: "created", generation: 1, changes: [], diff: [] }],
  actions: [],
  waits: [],
  complete: true,
});
const APPLIED = Applied.parse({
  services: [{ name: "app", outcome: "created", generation: 1, desired: 1, changes: [], revision: 1 }],
  revision: 1,
});

/** A cluster that lacks every chunk; `asked` gets the specs that are applied. */
function taking(asked: unknown[], known?: ReturnType<typeof service>) {
  let isGiven = false;
  const answers: Parameters<typeof fakeController>[0] = {
    "/v1/chunks/missing": async (request) => Response.json({ missing: (await request.json()).chunks }),
    "/v1/services/app": () => known === undefined ? refusal(404, "no app") : Response.json(known),
    "/v1/plan": ({ url }) =>
      isGiven || new URL(url).searchParams.get("before_upload") === "true"
        ? Response.json(PLANNED)
        : refusal(400, "upload it first"),
    "/v1/apply": async (request) => {
      asked.push(await request.json());
      return Response.json(APPLIED);
    },
  };
  const uploads = (path: string) => async (request: Request) => {
    await request.body?.cancel();
    isGiven ||= path.includes("artifacts");
    const view = { sha256: path.split("/").at(-1), files: 1, bytes: 1, created_at: "x", services: [] };
    return path.includes("chunks") ? new Response(null, { status: 204 }) : Response.json(view, { status: 201 });
  };
  // Chunks and artifacts are called by digests that a test can't know.
  return fakeController(
    new Proxy(answers, {
      get: (known, path) =>
        known[String(path)] ?? (/^\/v1\/(chunks|artifacts)\//.test(String(path)) && uploads(String(path))),
    }),
  );
}

async function withFolder(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const above = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(above, "app"));
    for (const [path, text] of Object.entries(files)) await Deno.writeTextFile(join(above, "app", path), text);
    await use(join(above, "app"));
  } finally {
    await Deno.remove(above, { recursive: true });
  }
}

Deno.test({
  name: "deploy says what it found, uploads it, and applies a spec that runs it",
  ignore: !granted,
  fn: () =>
    withFolder({ "server.js": "1" }, async (folder) => {
      const asked: unknown[] = [];
      await using fake = taking(asked);
      const line = ["deploy", folder, "--env", "A=b", "--replicas", "2", "--health", "tcp", "-y", "--no-wait"];
      const { code, out, errors } = await run([...line, "--server", fake.server]);
      assertEquals(code, 0, errors);
      assertMatch(errors, /^server\.js: node server\.js {3}1 file, 1 B\nuploaded 1 B of 1 B\n/);
      assertMatch(out, /^app {2}new\n/);
      const [{ artifact: { sha256 }, ...rest }] = asked as [{ artifact: { sha256: string } }];
      assertMatch(sha256, /^[\da-f]{64}$/);
      const said = { env: { A: "b" }, replicas: 2, health: { tcp: true } };
      assertEquals(rest, { name: "app", command: ["node", "server.js"], ...said } as unknown);
    }),
});

Deno.test({
  name: "deploy leaves a service that is there as it is, but for the folder and what flags say",
  ignore: !granted,
  fn: () =>
    withFolder({ "server.js": "1" }, async (folder) => {
      const asked: unknown[] = [];
      const known = service({
        name: "app",
        spec: spec({ name: "app", command: ["old"], env: { A: "1", B: "2" }, replicas: 7 }),
      });
      await using fake = taking(asked, known);
      const line = ["deploy", folder, "--env", "B=3", "-y", "--no-wait", "--server", fake.server];
      const { errors } = await run(line);
      assertStringIncludes(errors, "as app runs already: old");
      const [{ command, env, replicas }] = asked as [
        { command: string[]; env: Record<string, string>; replicas?: number },
      ];
      assertEquals([command, env, replicas], [["old"], { A: "1", B: "3" }, undefined]);
    }),
});

Deno.test({
  name: "deploy takes a muster.yaml at its word, and names the place of a slip in it",
  ignore: !granted,
  fn: () =>
    withFolder({ "x.txt": "1", "muster.yaml": "name: app\ncommand: [./x.txt]\nreplicas: 4\n" }, async (folder) => {
      const asked: unknown[] = [];
      await using fake = taking(asked, service({ name: "app", spec: spec({ name: "app", command: ["old"] }) }));
      await run(["deploy", folder, "-y", "--no-wait", "--server", fake.server]);
      const [{ command, replicas }] = asked as [{ command: string[]; replicas: number }];
      assertEquals([command, replicas], [["./x.txt"], 4]);
      await Deno.writeTextFile(join(folder, "muster.yaml"), "name: app\nreplicsa: 4\ncommand: [x]\n");
      const { code, errors } = await run(["deploy", folder, "-y", "--server", fake.server]);
      assertEquals(code, 2);
      assertStringIncludes(errors, 'muster.yaml:2:1: unknown field "replicsa"');
    }),
});

Deno.test({
  name: "deploy says what it looked for, or what it needs, before it uploads anything",
  ignore: !granted,
  fn: () =>
    withFolder({ "x.txt": "1" }, async (folder) => {
      const asked: unknown[] = [];
      await using fake = taking(asked);
      const env = { MUSTER_SERVER: fake.server };
      const { code, errors } = await run(["deploy", folder], { env });
      assertEquals(code, 2);
      assertStringIncludes(errors, "found nothing to run");
      assertStringIncludes((await run(["deploy", folder, "--command", "./x.txt"], { env })).errors, "--name");
      const said = ["deploy", folder, "--command", "./x.txt 'a b'", "--name", "app", "-y", "--no-wait"];
      const rehearsed = await run([...said, "--dry-run"], { env });
      assertEquals([rehearsed.code, asked.length], [0, 0]);
      assertStringIncludes(rehearsed.errors, "1 B would be uploaded");
      assertMatch(rehearsed.out, /^app {2}new\n/);
      assertEquals((await run(said, { env })).code, 0);
      assertEquals((asked as { command: string[] }[]).map(({ command }) => command), [["./x.txt", "a b"]]);
      assertEquals((await run(["deploy", join(folder, "nix")], { env })).code, 2);
    }),
});
