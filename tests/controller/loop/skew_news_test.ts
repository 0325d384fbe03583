import { assertEquals } from "@std/assert";
import { VERSION } from "../../../lib/runtime/version.ts";
import { node } from "../../support/builders.ts";
import { LittleLoop } from "../../support/little_loop.ts";

Deno.test("a loop tells another version of a node once, and again when that is another one", () => {
  const little = LittleLoop.of(node(1));
  const heardWith = (version: string) => {
    const before = little.effects.length;
    little.wait(1_000);
    little.answer(1, { version });
    return little.told(little.effects.slice(before)).filter((text) => text.includes("version"));
  };
  assertEquals(heardWith(VERSION), []);
  assertEquals(heardWith("99.0.0"), [`node n1 runs version 99.0.0, which is newer than this controller's ${VERSION}`]);
  assertEquals(heardWith("99.0.0"), []);
  assertEquals(heardWith("0.0.1"), [`node n1 runs version 0.0.1, which is older than this controller's ${VERSION}`]);
  assertEquals(heardWith(VERSION), []);
});
