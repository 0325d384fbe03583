import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Detected, detectProgram } from "../../../lib/console/deploy/detect.ts";
import { whenGranted } from "../../support/granted.ts";

interface Folder {
  /** Their texts; those whose names end in `*` may be executed. */
  files: Readonly<Record<string, string>>;
  folder?: string;
  name?: string;
  specFile?: string;
}

async function detected({ files, folder = "/srv/My Shop_2", name, specFile }: Folder): Promise<Detected> {
  const listed = Object.keys(files).filter((path) => path !== specFile)
    .map((path) => ({ path: path.replace("*", ""), size: 1, executable: path.endsWith("*"), chunks: [] }));
  const readText = (path: string) => Promise.resolve(files[path] ?? "");
  return await detectProgram({ folder, files: listed, specFile }, { name, readText });
}

/** The command and what told it. */
async function found(files: Folder["files"]): Promise<string> {
  const result = await detected({ files });
  return result.kind === "found" ? `${result.spec.command.join(" ")} by ${result.how}` : result.kind;
}

Deno.test("detectProgram() finds what people usually run, in the usual order", whenGranted, async () => {
  assertEquals(await found({ "main.ts": "", "server.js": "" }), "deno run -A main.ts by main.ts");
  assertEquals(await found({ "index.mjs": "", "app.py": "" }), "node index.mjs by index.mjs");
  assertEquals(await found({ "app.py": "", "run*": "" }), "python3 app.py by app.py");
  assertEquals(await found({ "start.sh*": "" }), "./start.sh by start.sh");
  assertEquals(await found({ "My Shop_2*": "" }), "./My Shop_2 by My Shop_2");
  assertEquals(await found({ "run": "", "lib/main.ts": "" }), "unknown");
});

Deno.test(
  "detectProgram() takes the start of package.json where it needs no shell, else its main",
  whenGranted,
  async () => {
    const package_ = (value: unknown) => ({ "package.json": JSON.stringify(value), "server.js": "", "web.js": "" });
    const plain = package_({ scripts: { start: "node --enable-source-maps  web.js" }, main: "server.js" });
    assertEquals(await found(plain), 'node --enable-source-maps web.js by "start" in package.json');
    const shell = package_({ scripts: { start: "NODE_ENV=production node web.js && echo" }, main: "./web.js" });
    assertEquals(await found(shell), 'node web.js by "main" in package.json');
    assertEquals(await found(package_({ scripts: { start: "vite" } })), "node server.js by server.js");
    assertEquals(await found({ "package.json": "{", "server.js": "" }), "node server.js by server.js");
  },
);

Deno.test("detectProgram() names the service by the flag, the spec, and else the folder", whenGranted, async () => {
  const nameOf = async (folder: Omit<Folder, "files"> & { spec?: string }) => {
    const specFile = folder.spec === undefined ? {} : { specFile: "muster.yaml" };
    const files = { "main.ts": "", ...(folder.spec !== undefined && { "muster.yaml": folder.spec }) };
    const result = await detected({ ...folder, ...specFile, files });
    return result.kind === "found" ? result.spec.name : result.kind;
  };
  assertEquals(await nameOf({}), "my-shop-2");
  assertEquals(await nameOf({ folder: "/" }), "app");
  assertEquals(await nameOf({ spec: "name: web" }), "web");
  assertEquals(await nameOf({ spec: "name: web", name: "other" }), "other");
});

Deno.test("detectProgram() takes all from muster.yaml, and finds what it leaves out", whenGranted, async () => {
  const spec = "replicas: 3\ncwd: server\nhealth: {http: /healthz}\n";
  const result = await detected({ files: { "muster.yaml": spec, "main.ts": "" }, specFile: "muster.yaml" });
  assertEquals(result, {
    kind: "found",
    how: "main.ts",
    spec: {
      name: "my-shop-2",
      command: ["deno", "run", "-A", "main.ts"],
      replicas: 3,
      cwd: "server",
      health: { http: "/healthz" },
    },
  });
});

Deno.test("detectProgram() says where muster.yaml is wrong", whenGranted, async () => {
  const faultOf = async (text: string) => {
    const result = await detected({ files: { "muster.yaml": text, "main.ts": "" }, specFile: "muster.yaml" });
    const [fault] = result.kind === "faulty" ? result.faults : [];
    return fault && `${fault.line}:${fault.column} ${fault.pointer} ${fault.detail}`;
  };
  assertEquals(
    await faultOf("replicas: 2\ncomand: [x]"),
    '2:1 /comand unknown field "comand": did you mean "command"?',
  );
  assertStringIncludes(await faultOf('artifact: {sha256: "x"}') ?? "", "1:1 /artifact");
  assertStringIncludes(await faultOf("name: a\n---\nname: b") ?? "", "expected one spec");
  assertStringIncludes(await faultOf("replicas: [") ?? "", "1:");
});

Deno.test("detectProgram() says what it looked for when there is nothing to run", whenGranted, async () => {
  const result = await detected({ files: { "notes.txt": "" } });
  assertStringIncludes(result.kind === "unknown" ? result.looked : "", "say what to run in a muster.yaml");
});
