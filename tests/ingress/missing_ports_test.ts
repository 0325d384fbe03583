import { assertEquals } from "@std/assert";
import { missingPorts } from "../../lib/ingress/missing_ports.ts";
import { specNamed } from "../support/builders.ts";

const NONE = { any: false, tls: false };
const PLAIN = { any: true, tls: false };
const BOTH = { any: true, tls: true };
const START = "the ingress has no ports of its own; start the controller with --ingress-port or --ingress-tls-port";

Deno.test("missingPorts() names routes and TCP ports where the ingress has no ports of its own", () => {
  const spec = specNamed("db", { routes: [{}], tcp: [{ port: 5432 }, { port: 5433 }] });
  assertEquals([...missingPorts(spec, NONE)], [
    ["routes", START],
    ["TCP port 5432", START],
    ["TCP port 5433", START],
  ]);
  assertEquals([...missingPorts(specNamed("db", { tcp: [{ port: 1 }] }), NONE).keys()], ["TCP port 1"]);
});

Deno.test("missingPorts() finds nothing where nothing is declared, and where all is there", () => {
  assertEquals(missingPorts(specNamed("web"), NONE).size, 0);
  const spec = specNamed("web", { routes: [{ https: "redirect", hsts: "1d" }], tcp: [{ port: 1 }] });
  assertEquals(missingPorts(spec, BOTH).size, 0);
  assertEquals(missingPorts(specNamed("web", { routes: [{}], tcp: [{ port: 1 }] }), PLAIN).size, 0);
});

Deno.test("missingPorts() names routes that count on TLS where nothing speaks it", () => {
  for (const route of [{ https: "redirect" as const }, { hsts: "1d" }]) {
    const missing = missingPorts(specNamed("web", { routes: [{}, route] }), PLAIN);
    assertEquals([...missing], [[
      '"https" or "hsts" in routes',
      "the ingress has no TLS port; start the controller with --ingress-tls-port, or name the proxy that speaks TLS " +
      "in --trusted-proxies",
    ]]);
  }
});
