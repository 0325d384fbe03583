import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type ConfigSources, parseConfig, type Program } from "../../lib/runtime/config.ts";
import { duration, oneOf, onOff, pairs, port, ports, text } from "../../lib/runtime/flag.ts";
import { granted } from "../support/granted.ts";

const flags = {
  host: text({ help: "Address to listen on", default: "127.0.0.1", alsoEnv: "HOST" }),
  port: port({ help: "Port to listen on", default: "9090", alsoEnv: "PORT" }),
  name: text({ help: "Name of the node" }),
  healthIntervalMs: duration({ help: "Time between checks", default: "1s", group: "Health" }),
  onExit: oneOf(["drain", "leave"], { help: "What happens at the end", default: "drain" }),
  label: pairs({ help: "Label of the node" }),
  ingressPort: ports({ help: "Ports to listen on" }),
  insecure: onOff({ help: "No credentials" }),
};
const program: Program<typeof flags> = { name: "agent", summary: "runs replicas", flags, configFile: "yaml" };

/** The YAML parser looks at variables of the environment for its own debugging. */
const readsYaml = { ignore: !granted };

interface Given {
  args?: string[];
  env?: Record<string, string>;
  file?: string;
}

function parse({ args = [], env = {}, file }: Given) {
  const sources: ConfigSources = {
    args: file === undefined ? args : [...args, "--config-file", "agent.yaml"],
    env: new Map(Object.entries(env)),
    readFile: (path) => {
      if (file === undefined) throw new Deno.errors.NotFound(`no such file: ${path}`);
      return Promise.resolve(file);
    },
  };
  return parseConfig(program, sources);
}

async function config(given: Given) {
  const result = await parse(given);
  assert(result.kind === "config", JSON.stringify(result));
  return result.config;
}

async function problem(given: Given): Promise<string> {
  const result = await parse(given);
  assert(result.kind === "usage_error", JSON.stringify(result));
  return result.message;
}

Deno.test("parseConfig() gives every default, typed by the table", async () => {
  const values: { port: number; name: string | undefined; onExit: "drain" | "leave" } = await config({});
  assertEquals(
    values,
    {
      host: "127.0.0.1",
      port: 9090,
      name: undefined,
      healthIntervalMs: 1_000,
      onExit: "drain",
      label: {},
      ingressPort: [],
      insecure: false,
    } as typeof values,
  );
});

Deno.test(
  "parseConfig() lets the flag beat the environment, that the file, and that the default",
  readsYaml,
  async () => {
    const file = "port: 3\nname: file\nhealth-interval: 3s\n";
    const env = { MUSTER_PORT: "2", MUSTER_NAME: "env", PORT: "9" };
    const { port, name, healthIntervalMs, onExit } = await config({ args: ["-port", "1"], env, file });
    assertEquals([port, name, healthIntervalMs, onExit], [1, "env", 3_000, "drain"]);
  },
);

Deno.test("parseConfig() looks at a flag's second variable after its own, and takes an empty one as none", async () => {
  assertEquals((await config({ env: { PORT: "8" } })).port, 8);
  assertEquals((await config({ env: { PORT: "8", MUSTER_PORT: "7" } })).port, 7);
  assertEquals((await config({ env: { PORT: "", MUSTER_PORT: "" } })).port, 9090);
});

Deno.test(
  "parseConfig() collects lists from flags, commas in the environment, and lists and maps in the file",
  readsYaml,
  async () => {
    const label = { region: "eu", disk: "ssd" };
    assertEquals((await config({ args: ["--label", "region=eu", "--label", "disk=ssd"] })).label, label);
    assertEquals((await config({ env: { MUSTER_LABEL: "region=eu, disk=ssd," } })).label, label);
    assertEquals((await config({ file: "label: {region: eu, disk: ssd}" })).label, label);
    assertEquals((await config({ file: "label:\n- region=eu\n- disk=ssd" })).label, label);
    assertEquals((await config({ file: "ingress_port: [80, 443]" })).ingressPort, [80, 443]);
  },
);

Deno.test("parseConfig() takes the file's values as they are written", readsYaml, async () => {
  const { name, insecure } = await config({ file: "name: 1.10\ninsecure: true" });
  assertEquals([name, insecure], ["1.10", true]);
});

Deno.test("parseConfig() says where a wrong value stands, the rule and the value", readsYaml, async () => {
  const rule = `expected a whole number from 0 to 65535, found "http"`;
  assertStringIncludes(await problem({ args: ["--port", "http"] }), `Cannot read --port: ${rule}`);
  assertStringIncludes(await problem({ env: { MUSTER_PORT: "http" } }), `Cannot read MUSTER_PORT: ${rule}`);
  assertStringIncludes(await problem({ env: { PORT: "http" } }), `Cannot read PORT: ${rule}`);
  const inFile = await problem({ file: "\n\nport: http" });
  assertStringIncludes(inFile, `Cannot read "port" in agent.yaml, line 3: ${rule}`);
});

Deno.test("parseConfig() refuses what the file doesn't know, with its line", readsYaml, async () => {
  const cases: [string, string][] = [
    ["port: 1\nprot: 2", `line 2: unknown key "prot": did you mean "port"?`],
    ["port: 1\nport: 2", "line 2"],
    ["health-interval: 1s\nhealth_interval: 2s", `line 2: "health-interval" is given twice`],
    ["- port", "expected flags and their values"],
    ["port: [1, 2]", `expected one value, found a list`],
    ["port: {a: {b: 1}}", `"port" takes one value`],
    ["port:", `"port" takes one value`],
    ["port: &a 1\nname: *a", `"name" takes one value`],
    ["\tport: 1", "line 1"],
    ["port: 1\n---\nport: 2", "line"],
    ["config-file: x", "unknown key"],
    ["x".repeat(2_000_000), "at most"],
  ];
  for (const [file, part] of cases) assertStringIncludes(await problem({ file }), part);
  assertStringIncludes(
    await problem({ args: ["--config-file", "gone.yaml"] }),
    "Cannot read the config file gone.yaml",
  );
  assertEquals((await config({ file: "# nothing yet\n" })).port, 9090);
});

Deno.test("parseConfig() names a word too many, and cleans what it repeats", async () => {
  assertStringIncludes(await problem({ args: ["sta\x1b[31mtus"] }), `Unexpected argument "status"`);
  assertMatch(await problem({ args: ["--zzz"] }), /^Unknown flag --zzz\nSee "agent --help"\.$/);
});

Deno.test("parseConfig() returns the words that a program takes", async () => {
  const sources = { args: ["scale", "web=3"], env: new Map(), readFile: () => Promise.reject(new Error("no file")) };
  const result = await parseConfig({ name: "controller", summary: "", flags, positionalsMax: 2 }, sources);
  assertEquals(result.kind === "config" && result.positionals, ["scale", "web=3"]);
});

Deno.test("parseConfig() answers help with groups, variables and defaults in one column, and version", async () => {
  const result = await parse({ args: ["--zzz", "--help"] });
  assert(result.kind === "help");
  const page = result.page();
  assertMatch(page, /^agent \d+\.\d+\.\d+: runs replicas\n\nUsage: agent \[flags\]\n/);
  assertMatch(page, /\nHealth:\n {6}--health-interval <duration> +Time between checks \[MUSTER_HEALTH_INTERVAL;/);
  assertMatch(page, /--label <key>=<value>… /);
  const starts = new Set(page.matchAll(/^ {6}--.*? {2,}(?=[A-Z])/gm).map(([left]) => left.length));
  assertEquals(starts.size, 1);
  assertEquals((await parse({ args: ["-V"] })).kind, "version");
});
