import { assertEquals } from "@std/assert";
import { claimInWords, portClaimedTwice } from "../../../lib/controller/change/port_claim.ts";
import { release } from "../../../lib/controller/change/release.ts";
import { service, specNamed } from "../../support/builders.ts";
import { LittleCluster } from "../../support/little_cluster.ts";

const withPorts = (...ports: number[]) => ({ tcp: ports.map((port) => ({ port })) });
const cluster = () => LittleCluster.of(1, service("db", 1, withPorts(5_432, 5_433)), service("web", 1));

Deno.test("portClaimedTwice() names the service that has a port already", () => {
  const { state } = cluster();
  assertEquals(portClaimedTwice(state, [specNamed("web", withPorts(1, 5_433))]), {
    port: 5_433,
    service: "web",
    holder: "db",
    since: "before",
  });
  assertEquals(portClaimedTwice(state, [specNamed("web", withPorts(1))]), undefined);
  assertEquals(portClaimedTwice(state, [specNamed("db", withPorts(5_432))]), undefined);
});

Deno.test("portClaimedTwice() names two that are given one port at once", () => {
  const given = [specNamed("a", withPorts(1)), specNamed("b", withPorts(2, 1))];
  assertEquals(portClaimedTwice(cluster().state, given), { port: 1, service: "b", holder: "a", since: "now" });
});

Deno.test("portClaimedTwice() lets a port go from one service to another in one apply", () => {
  const given = [specNamed("web", withPorts(5_432)), specNamed("db", withPorts(5_433))];
  assertEquals(portClaimedTwice(cluster().state, given), undefined);
});

Deno.test("portClaimedTwice() takes the ports of a service that is being removed for free", () => {
  const little = cluster();
  little.put({ ...service("db", 1, withPorts(5_432)), removed: true });
  assertEquals(portClaimedTwice(little.state, [specNamed("web", withPorts(5_432))]), undefined);
});

Deno.test("portClaimedTwice() keeps what a service goes back to if its rollout fails", () => {
  const little = cluster();
  const origin = { at: "2030-01-01T00:00:00.000Z", by: "ada", cause: "release" as const };
  const { changes } = release(little.state, specNamed("db", { ...withPorts(5_433), env: { A: "1" } }), origin);
  little.commit(changes);
  assertEquals(portClaimedTwice(little.state, [specNamed("web", withPorts(5_432))])?.holder, "db");
});

Deno.test("claimInWords() says whose the port is, and what to do", () => {
  const claim = { port: 1, service: "b", holder: "a" };
  assertEquals(
    claimInWords({ ...claim, since: "before" }),
    `"tcp": port 1 of the ingress can't lead to b: it leads to a already; ` +
      "choose another one, or apply both services together so that only one has it",
  );
  assertEquals(claimInWords({ ...claim, since: "now" }).includes("b: a is given it as well; choose"), true);
});
