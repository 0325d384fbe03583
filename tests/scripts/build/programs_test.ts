import { assertEquals } from "@std/assert";
import { PROGRAMS } from "../../../scripts/build/programs.ts";

Deno.test("the controller's build may ask how full its disk is, or it would keep no room on it", () => {
  const controller = PROGRAMS.find(({ name }) => name === "controller");
  const system = controller?.permissions.find((permission) => permission.startsWith("--allow-sys="));
  assertEquals(system?.split("=")[1]?.split(",").includes("statfs"), true);
});
