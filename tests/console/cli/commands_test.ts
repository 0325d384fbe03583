/**
 * What holds for all commands that look: what they print for programs is what the contract says, their tables fit, and
 * nothing that comes from outside reaches the terminal as anything but text.
 * @module
 */
import { unicodeWidth } from "@std/cli";
import { assert, assertEquals } from "@std/assert";
import { parse, parseAllDocuments } from "yaml";
import * as z from "zod";
import { COMMANDS, GROUPS } from "../../../lib/console/cli/commands.ts";
import {
  EventView,
  NodeView,
  ReplicaView,
  ServiceLogLine,
  ServiceView,
  Status,
  TokenView,
} from "../../../lib/wire/api.ts";
import { GenerationView } from "../../../lib/wire/change.ts";
import { ExplainView } from "../../../lib/wire/explain.ts";
import { UsageView } from "../../../lib/wire/usage.ts";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";
import { answersOf } from "./sample_cluster.ts";

const Diagnosis = z.strictObject({
  healthy: z.boolean(),
  findings: z.array(z.strictObject({
    level: z.enum(["problem", "warning"]),
    what: z.string(),
    where: z.string(),
    remedy: z.string(),
  })),
  fine: z.array(z.string()),
});

/** Each with the schema of what it prints as a whole. */
const LOOKING: Readonly<Record<string, z.ZodType>> = {
  status: Status,
  ls: z.array(ServiceView),
  ps: z.array(z.object({ ...ReplicaView.shape, cpu: z.number().nullable(), memory_bytes: z.int().nullable() })),
  "top --once": UsageView,
  "explain web": ExplainView,
  "history web": z.array(GenerationView),
  "node ls": z.array(NodeView),
  "token ls": z.array(TokenView),
  doctor: Diagnosis,
};
/** And those that print one thing after the other. */
const STREAMING: Readonly<Record<string, z.ZodType>> = { "logs web": ServiceLogLine, events: EventView };

const HOSTILE = [
  `<script>alert(1)</script>\x1b[2J\x1b]0;title\x07\x1b]8;;http://x\x1b\\link\u202egnp.exe\u2066\x9b31m\x9d52;c;x\x9c\r\n\t\x00\x7f`,
  "n".repeat(10_000),
  "e\u0301".repeat(3_000) + "漢字".repeat(1_000),
];

/** What the house's own colours are; all else of that kind came from outside. */
// deno-lint-ignore no-control-regex -- control characters are what this is about
const COLOURS = /\x1b\[\d{1,2}m/g;
// deno-lint-ignore no-control-regex -- as above
const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

function check(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn });
}

check("-o json and -o yaml print what the contract says", async () => {
  await using fake = fakeController(answersOf());
  const env = { MUSTER_SERVER: fake.server, MUSTER_DATA: "" };
  for (const [line, schema] of Object.entries(LOOKING)) {
    const json = (await run([...line.split(" "), "-o", "json"], { env })).out;
    const value = JSON.parse(json);
    assertEquals(schema.parse(value), value, line);
    assertEquals(parse((await run([...line.split(" "), "-o", "yaml"], { env })).out), value, line);
  }
});

check("-o json prints one document per line of what comes one by one, -o yaml parts its documents", async () => {
  await using fake = fakeController(answersOf());
  const env = { MUSTER_SERVER: fake.server };
  for (const [line, schema] of Object.entries(STREAMING)) {
    const { out } = await run([...line.split(" "), "-o", "json"], { env });
    const values = out.trimEnd().split("\n").map((text) => JSON.parse(text));
    for (const value of values) assertEquals(schema.parse(value), value, line);
    const { out: yaml } = await run([...line.split(" "), "-o", "yaml"], { env });
    assert(yaml.startsWith("---\n"));
    assertEquals(parseAllDocuments(yaml).map((document) => document.toJS()), values, line);
  }
});

check("tables fit a terminal of 80 columns", async () => {
  for (const text of [undefined, ...HOSTILE]) {
    await using fake = fakeController(answersOf(text === undefined ? {} : { text }));
    const call = { env: { MUSTER_SERVER: fake.server }, terminal: { width: 80, colours: false } };
    for (const line of ["status", "ls", "ps", "top --once", "history web", "node ls", "token ls"]) {
      const { out } = await run(line.split(" "), call);
      assertEquals(out.split("\n").filter((each) => unicodeWidth(each) > 80).map((each) => `${line}: ${each}`), []);
    }
  }
});

check("nothing from outside reaches a terminal or a pipe as anything but text", async () => {
  for (const text of HOSTILE) {
    await using fake = fakeController(answersOf({ text }));
    const env = { MUSTER_SERVER: fake.server };
    for (const line of [...Object.keys(LOOKING), ...Object.keys(STREAMING)]) {
      for (const output of ["table", "json", "yaml"]) {
        const args = [...line.split(" "), "-o", output];
        const shown = await run(args, { env, terminal: { width: 80, colours: true } });
        assertEquals(CONTROLS.exec(shown.out.replaceAll(COLOURS, "")), null, `${line} -o ${output}`);
        assertEquals(CONTROLS.exec(shown.errors.replaceAll(COLOURS, "")), null, `${line} -o ${output}`);
      }
      const piped = await run(line.split(" "), { env });
      assertEquals(CONTROLS.exec(piped.out), null, line);
    }
  }
});

Deno.test("help lists all commands by groups, in 80 columns", async () => {
  const { code, out } = await run(["help"]);
  assertEquals(code, 0);
  assertEquals(GROUPS.map(({ title }) => title), ["Look", "Change", "Nodes", "Access", "More"]);
  for (const { title } of GROUPS) assert(out.includes(`\n${title}:\n`));
  assertEquals(out.split("\n").filter((line) => line.length > 80), []);
});

Deno.test("the help of every command fits 80 columns, and a narrower terminal but for lines that are to be copied", async () => {
  for (const { name, examples = [] } of COMMANDS) {
    const { code, out } = await run([...name.split(" "), "--help"]);
    assertEquals([code, out.split("\n").filter((line) => unicodeWidth(line) > 80)], [0, []], name);
    const call = { terminal: { width: 50, colours: false } };
    const narrow = (await run([...name.split(" "), "--help"], call)).out.split("\n");
    const whole = narrow.filter((line) => unicodeWidth(line) > 50 && /\S \S/.test(line.trim()));
    assertEquals(
      whole.map((line) => line.trim()).filter((line) => !examples.some((one) => one.line === line)),
      [],
      name,
    );
  }
});

Deno.test("no two commands have the same name, and each summary begins small and has no full stop", () => {
  const names = COMMANDS.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  assertEquals(COMMANDS.filter(({ summary }) => /^[A-Z]|\.$/.test(summary)).map(({ name }) => name), []);
});

Deno.test("examples are commands that exist", () => {
  const shown = COMMANDS.flatMap(({ examples = [] }) => examples.map(({ line }) => line));
  const unknown = shown.filter((line) => {
    const [, words = ""] = /\bcontroller ([^|)<]+)/.exec(line) ?? [];
    return !COMMANDS.some(({ name }) => `${words} `.startsWith(`${name} `));
  });
  assertEquals(unknown, []);
});
