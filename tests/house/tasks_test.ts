/**
 * A bare `deno task` is the manual: each task says what it does, and no text names one that isn't there.
 * @module
 */
import { assertEquals } from "@std/assert";
import { granted } from "../support/granted.ts";
import { readText } from "./source.ts";
import { texts } from "./tracked.ts";

const tasks: Record<string, { description?: string; command?: string }> = granted
  ? JSON.parse(readText("deno.json") ?? "{}").tasks
  : {};

Deno.test({
  name: "every task has a description",
  ignore: !granted,
  fn: () => assertEquals(Object.keys(tasks).filter((name) => !tasks[name]?.description), []),
});

Deno.test({
  name: "every script that a task starts is there",
  ignore: !granted,
  fn: () => {
    const scripts = Object.values(tasks).flatMap(({ command = "" }) => command.match(/\S+\.ts\b/g) ?? []);
    assertEquals(scripts.filter((path) => readText(path) === undefined), []);
  },
});

Deno.test({
  name: "every task that a text names exists",
  ignore: !granted,
  fn: () => {
    const unknown = texts.filter(({ path }) => path !== "CHANGELOG.md").flatMap(({ path, text }) =>
      [...text.matchAll(/\bdeno(?:@[\d.]+)? task (?:--?[\w-]+ )*([a-z][\w:-]*)/g)]
        .map(([, name = ""]) => name).filter((name) => !(name in tasks)).map((name) => `${path}: deno task ${name}`)
    );
    assertEquals(unknown, []);
  },
});
