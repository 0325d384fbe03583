/**
 * One thing, one word: the house's nouns (architecture: service, node, replica, instance, assignment, endpoint …) are not
 * called anything else in the code. And what belongs to the place where Muster is built stays out of the project.
 * @module
 */
import { assertEquals } from "@std/assert";
import { granted } from "../support/granted.ts";
import { parse, type SourceFile, sources } from "./source.ts";
import { texts } from "./tracked.ts";

/** Words of other orchestrators, and the house's word for each. */
const EVERYWHERE: Readonly<Record<string, string>> = {
  container: "replica, or process",
  containers: "replicas, or processes",
  pod: "replica",
  pods: "replicas",
  kubelet: "agent",
  minion: "node",
  deployment: "service, or rollout",
  backend: "endpoint",
  backends: "endpoints",
  dyno: "replica",
  slave: "node, or follower",
};

/** In the core, words that have a wider meaning elsewhere are wrong as well. */
const IN_THE_CORE: Readonly<Record<string, string>> = {
  ...EVERYWHERE,
  worker: "node, or replica",
  workers: "nodes, or replicas",
  task: "replica",
  tasks: "replicas",
  machine: "node",
  server: "node, or controller",
  upstream: "endpoint",
  tick: "decide",
};

/** Words and places of a workshop. Spelled with a gap, lest a search finds them here. */
const WORKSHOP = [
  "/work /",
  "/tmp/ brief",
  "session stop ped",
  "registry.npm js",
  "npm.jsr .io",
  "//jsr .io",
  "help er",
]
  .map((text) => text.replace(" ", ""));

function foreignWords({ path, identifiers }: SourceFile): string[] {
  const isCore = path.startsWith("lib/cluster/") || path.startsWith("lib/plan/");
  const foreign = new Map(Object.entries(isCore ? IN_THE_CORE : EVERYWHERE));
  return identifiers.flatMap(({ text, line }) =>
    wordsOf(text).filter((word) => foreign.has(word))
      .map((word) => `${path}:${line}: "${word}" in ${text} is called ${foreign.get(word)} here`)
  );
}

/** `perNodeMax` → per, node, max. */
function wordsOf(identifier: string): string[] {
  return identifier.split(/_|(?<=[a-z\d])(?=[A-Z])/).map((word) => word.toLowerCase());
}

Deno.test({
  name: "lib/ calls things by the house's words",
  ignore: !granted,
  fn: () => assertEquals(sources.filter(({ path }) => path.startsWith("lib/")).flatMap(foreignWords), []),
});

Deno.test("a foreign word is found as a part of a name, but not in a longer word", () => {
  const file = parse("lib/plan/x.ts", "const podCount = 1; const tripod = backEnds; const POD_MAX = taskList;");
  assertEquals(foreignWords(file).length, 3);
  assertEquals(foreignWords(parse("lib/agent/x.ts", "const taskList = podium;")), []);
});

Deno.test({
  name: "no text names the place where it was written",
  ignore: !granted,
  fn: () => {
    const found = texts.flatMap(({ path, text }) =>
      WORKSHOP.filter((word) => text.toLowerCase().includes(word) && !path.startsWith("tests/house/"))
        .map((word) => `${path}: ${word}`)
    );
    assertEquals(found, []);
  },
});
