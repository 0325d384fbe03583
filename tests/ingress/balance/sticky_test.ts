import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { Route } from "../../../lib/cluster/route.ts";
import { readStickyName, setStickyCookie, stickyCookieOf, stickyNameOf } from "../../../lib/ingress/balance/sticky.ts";
import { idOf } from "../../support/builders.ts";
import { balancerOf, candidate, candidateOf, endpoint, endpoints, pickName, policy, repeat, send } from "./rig.ts";

const cookie = { name: "at", path: "/shop" };

Deno.test("a sticky name is 64 bits that don't show the replica's id, and is another for each", () => {
  const names = new Set(repeat(10_000, (n) => stickyNameOf(idOf("replica", n))));
  assertEquals(names.size, 10_000);
  assertMatch(stickyNameOf(idOf("replica", 1)), /^[0-9a-f]{16}$/);
});

Deno.test("a sticky cookie is read back as it was set", () => {
  const set = setStickyCookie(cookie, candidate(1), { overTls: true });
  assertEquals(set, `at=${stickyNameOf("r1")}; Path=/shop; HttpOnly; SameSite=Lax; Secure`);
  assertEquals(readStickyName([["Cookie", `a=b; ${set.split(";")[0]}`]], cookie), stickyNameOf("r1"));
});

Deno.test("a sticky cookie without TLS isn't secure, and one of a path with a semicolon is the host's", () => {
  const set = setStickyCookie({ name: "at", path: "/a;b" }, candidate(1), { overTls: false });
  assertEquals(set, `at=${stickyNameOf("r1")}; Path=/; HttpOnly; SameSite=Lax`);
});

Deno.test("readStickyName() takes nothing that this ingress can't have set", () => {
  for (const value of ["", "r1", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", '"0123456789abcdef"']) {
    assertEquals(readStickyName([["cookie", `at=${value}`]], cookie), undefined);
  }
  assertEquals(readStickyName([["cookie", "of=0123456789abcdef"]], cookie), undefined);
});

Deno.test("stickyCookieOf() gives services on one path cookies of their own, or takes the operator's name", () => {
  const sticky = Route.parse({ sticky: true, path: "/a" });
  assertNotEquals(stickyCookieOf(sticky, "web")?.name, stickyCookieOf(sticky, "canary")?.name);
  assertEquals(stickyCookieOf(sticky, "web")?.path, "/a");
  assertEquals(stickyCookieOf(Route.parse({ sticky: { cookie: "at" } }), "web")?.name, "at");
  assertEquals(stickyCookieOf(Route.parse({}), "web"), undefined);
});

Deno.test("a client stays at its replica, whatever the way, while that is there", () => {
  for (const balance of ["round_robin", "least_conn", "two_choices", "peak_ewma", { hash: "source" }] as const) {
    const balancer = balancerOf(endpoints(5));
    const by = policy({ balance, sticky: true });
    const stickyName = stickyNameOf("r3");
    assertEquals(new Set(repeat(20, () => pickName(balancer, by, { stickyName, key: "a" }))), new Set(["r3"]));
    balancer.replace([endpoint(3, { suspect: true }), endpoint(1)], 1);
    assertEquals(pickName(balancer, by, { stickyName }), "r3");
  }
});

Deno.test("a client comes to another replica when its own is withdrawn, tried already, full or ejected", () => {
  const balancer = balancerOf(endpoints(2));
  const by = policy({ sticky: true, connections_max: 1, ejection: { failures: 1 } });
  const stickyName = stickyNameOf("r1");
  assertEquals(pickName(balancer, by, { stickyName, exclude: ["r1"] }), "r0");
  balancer.begin(candidateOf(balancer, "r1"));
  assertEquals(pickName(balancer, by, { stickyName }), "r0");
  balancer.end(candidateOf(balancer, "r1"), { nowMs: 0, tookMs: 1, outcome: "left", policy: by });
  assertEquals(pickName(balancer, by, { stickyName }), "r1");
  send(balancer, "r1", { by, outcome: "failed" });
  assertEquals(pickName(balancer, by, { stickyName }), "r0");
  balancer.replace([endpoint(0)], 1);
  assertEquals(pickName(balancer, by, { stickyName }), "r0");
});
