/**
 * A spec as text, which must mean the spec.
 * @module
 */
import { assertEquals } from "@std/assert";
import { parse } from "yaml";
import { ServiceSpec } from "../../../lib/cluster/service.ts";
import { specText } from "../../../lib/console/web/spec_text.ts";
import { whenGranted } from "../../support/granted.ts";

Deno.test("specText() is a file that means the same spec, whatever stands in it", whenGranted, () => {
  const spec = ServiceSpec.parse({
    name: "web",
    command: ["payload", "--greeting", "it's: #1", "", "yes", "-", "0x10", "a\nb", "\u202e"],
    env: { LEVEL: "info", ON: "true", NUMBER: "007", SPACE: " x ", STAR: "*a", TEXT: "a: b" },
    routes: [{ host: "web.example.org", path: "/" }, { path: "/api" }],
    placement: { constraints: ["region == eu"] },
  });
  assertEquals(ServiceSpec.parse(parse(specText(spec))), spec);
});

Deno.test("specText() leaves out what is empty", whenGranted, () => {
  assertEquals(specText({ name: "web", env: {}, ports: { a: {} }, tcp: [], replicas: 0 }), "name: web\nreplicas: 0");
});
