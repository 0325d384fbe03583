import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseSpecs } from "../../lib/wire/specs.ts";
import { whenGranted } from "../support/granted.ts";

/** The faults of a text, as "document:line:column pointer what". */
function faultsOf(text: string): string[] {
  const parsed = parseSpecs(text);
  if (parsed.kind === "ok") return [];
  return parsed.faults.map(({ document, line, column, pointer, detail }) =>
    `${document}:${line}:${column} ${pointer} ${detail}`
  );
}

Deno.test("parseSpecs() fills in what is left out, but for the scale", whenGranted, () => {
  const parsed = parseSpecs("name: web\ncommand: [x]\n---\nname: db\ncommand: [y]\nreplicas: 2\nkind: service");
  if (parsed.kind === "faulty") throw new Error(JSON.stringify(parsed.faults));
  const shown = parsed.value.map(({ name, replicas, restart }) => [name, replicas, restart.attempts]);
  assertEquals(shown, [["web", undefined, 5], ["db", 2, 5]]);
});

Deno.test(
  "parseSpecs() names every slip with its document, line, column, pointer and what was meant",
  whenGranted,
  () => {
    const text = [
      "name: web",
      "comand: [x]",
      "health:",
      "  htp: /x",
      "---",
      "- name: db",
      "  command: [y]",
      "  replicas: 10001",
    ].join("\n");
    const [missing, ...others] = faultsOf(text);
    assertStringIncludes(missing ?? "", '1:1:1 /command "command": Invalid input');
    assertEquals(others.filter((fault) => fault.includes("unknown")), [
      '1:4:3 /health/htp unknown field "htp": did you mean "http"?',
      '1:2:1 /comand unknown field "comand": did you mean "command"?',
    ]);
    assertStringIncludes(others.at(-1) ?? "", '2:8:13 /0/replicas "replicas": ');
  },
);

Deno.test("parseSpecs() says to quote what YAML takes for a number or a truth value", whenGranted, () => {
  const faults = faultsOf("name: web\ncommand: [x, 8080]\nenv:\n  VERSION: 1.10\n  ON: true");
  assertEquals(faults, [
    '1:2:14 /command/1 "command.1": 8080 is a number here; to have it as a text, quote it: "8080"',
    '1:4:12 /env/VERSION "env.VERSION": 1.10 is a number here; to have it as a text, quote it: "1.10"',
    '1:5:7 /env/ON "env.ON": true is a boolean here; to have it as a text, quote it: "true"',
  ]);
});

Deno.test("parseSpecs() refuses a name that is given twice, and names both places", whenGranted, () => {
  assertEquals(faultsOf("name: web\ncommand: [x]\n---\ncommand: [y]\nname: web"), [
    '2:5:7 /name "name": web is given twice, here and in line 1, column 7: give each name once',
  ]);
});

Deno.test("parseSpecs() says of a field that this version can't do yet that it is so", whenGranted, () => {
  for (const field of ["autoscale", "depends_on", "secrets", "user"]) {
    const [fault] = faultsOf(JSON.stringify({ name: "web", command: ["x"], [field]: {} }));
    assertStringIncludes(fault ?? "", `/${field} "${field}" is not available in this version of Muster`);
  }
  const [url] = faultsOf('{"name":"web","command":["x"],"artifact":{"url":"https://a.example/web.tar.gz"}}').slice(-1);
  assertStringIncludes(url ?? "", '/artifact/url "artifact.url" is not available in this version of Muster');
  const [fault] = faultsOf("name: web\ncommand: [x]\nkind: cron");
  assertStringIncludes(fault ?? "", '/kind kind "cron" is not available in this version of Muster');
});

Deno.test("parseSpecs() wants objects", whenGranted, () => {
  for (const [text, found] of [["just words", "a string"], ["[[]]", "a list"], ["- 3", "a number"]] as const) {
    assertStringIncludes(faultsOf(text)[0] ?? "", `but it is ${found}`);
  }
});
