import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Route, ROUTE_USUAL } from "../../../lib/cluster/route.ts";
import { type Match, type Question, RouteTable } from "../../../lib/ingress/routing/route_table.ts";
import { naiveMatch, type Routes, someQuestion, someRoutes } from "./naive_match.ts";

type Declared = Record<string, readonly unknown[]>;
const never = () => {
  throw new Error("chance was asked");
};

function tableOf(services: Declared, httpsPort?: number): RouteTable {
  const table = new RouteTable({ defaultService: "default", httpsPort });
  for (const [name, routes] of Object.entries(services)) table.set(name, routes.map((route) => Route.parse(route)));
  return table;
}

function ask(url: string, more: Partial<Question> = {}): Question {
  const [, authority = "", path = ""] = /^([^/?]*)(.*)$/s.exec(url) ?? [];
  return { authority, path, fields: [], isTls: false, ...more };
}

/** The service and the target that it gets, or what else comes of it. */
function wayOf(match: Match): string {
  switch (match.kind) {
    case "forward":
      return `${match.service} ${match.target}`;
    case "redirect":
      return `${match.status} ${match.location}`;
    default:
      return match.kind;
  }
}

function table(
  name: string,
  services: Declared,
  ways: readonly [url: string, way: string, more?: Partial<Question>][],
) {
  Deno.test(`RouteTable: ${name}`, () => {
    for (const [url, way, more] of ways) {
      assertEquals(wayOf(tableOf(services).match(ask(url, more), never)), way, url);
    }
  });
}

const HOSTS: Declared = {
  exact: [{ host: "a.b.org" }],
  near: [{ host: "*.b.org" }],
  far: [{ host: "*.org" }],
  any: [{}],
  six: [{ host: "[::1]" }],
};
table("an exact host comes before wildcards, the longest first, and these before none", HOSTS, [
  ["a.b.org/", "exact /"],
  ["A.B.org.:8080/", "exact /"],
  ["c.b.org/", "near /"],
  ["d.c.b.org/", "near /"],
  ["b.org/", "far /"],
  ["org/", "any /"],
  [".b.org/", "far /"],
  ["*.b.org/", "near /"],
  ["[::1]:80/", "six /"],
  ["/", "any /"],
]);

const PATHS: Declared = { root: [{ path: "/" }], api: [{ path: "/api" }], v1: [{ path: "/api/v1" }] };
table("the longest path wins, at the ends of segments", PATHS, [
  ["h/", "root /"],
  ["h", "root /"],
  ["h?q", "root /?q"],
  ["h", "root *", { path: "*" }],
  ["h/apix", "root /apix"],
  ["h/api", "api /api"],
  ["h/api/", "api /api/"],
  ["h/api?x=/api/v1", "api /api?x=/api/v1"],
  ["h/api/v", "api /api/v"],
  ["h/api/v1/x", "v1 /api/v1/x"],
  ["h/API/v1", "root /API/v1"],
]);

table("the canonical path decides, and what was sent goes on byte for byte", PATHS, [
  ["h/%61pi", "api /%61pi"],
  ["h//api//v1", "v1 //api//v1"],
  ["h/x/..%2fapi%5Cv1", "v1 /x/..%2fapi%5Cv1"],
  ["h/api/v1/%2e%2E", "api /api/v1/%2e%2E"],
  ["h/api;v=1/v1", "v1 /api;v=1/v1"],
  ["h/api%00", "root /api%00"],
  ["h/api%0d%0a", "root /api%0d%0a"],
  ["h/%2561pi", "root /%2561pi"],
]);

const CONDITIONS: Declared = {
  plain: [{}],
  one: [{ headers: { "X-Beta": "1" } }, { query: { v: "2 b" } }],
  both: [{ headers: { "x-beta": "1" }, query: { v: "2 b" } }],
};
const beta: Partial<Question> = { fields: [["x-BETA", "0"], ["X-Beta", "1"]] };
table("a route that asks for more comes first, if all of it is there", CONDITIONS, [
  ["h/", "plain /"],
  ["h/", "plain /", { fields: [["x-beta", "10"]] }],
  ["h/", "one /", beta],
  ["h/", "one /", { fields: [["x-beta", "1"]] }],
  ["h/?v=1&v=2+b", "one /?v=1&v=2+b"],
  ["h/?%76=2%20b", "both /?%76=2%20b", beta],
  ["h/?V=2+b", "plain /?V=2+b"],
  ["h/?v=2%20B", "plain /?v=2%20B"],
]);

const FALLING: Declared = {
  shop: [{ host: "a.org", path: "/x/y", headers: { k: "1" } }, { host: "a.org", path: "/x", headers: { k: "2" } }],
  wild: [{ host: "*.org", path: "/x" }],
  any: [{}],
};
table("where nothing fits, a shorter path, a wildcard, and no host are tried", FALLING, [
  ["a.org/x/y", "shop /x/y", { fields: [["k", "1"]] }],
  ["a.org/x/y", "shop /x/y", { fields: [["K", "2"]] }],
  ["a.org/x/y", "wild /x/y"],
  ["a.org/z", "any /z"],
]);

table("what matches nothing goes to the default service while it has no routes", { a: [{ host: "a.org" }] }, [
  ["b.org/x", "default /x"],
  ["b.org", "default /"],
]);
table("a default service with routes gets what they name", { a: [{ host: "a.org" }], default: [{ path: "/d" }] }, [
  ["b.org/d", "default /d"],
  ["b.org/x", "none"],
]);

const STRIPPED: Declared = { a: [{ path: "/a", strip: true }], root: [{ strip: true }] };
table("strip takes the route's path off, if it is there literally", STRIPPED, [
  ["h/a/b%2Fc?d", "a /b%2Fc?d"],
  ["h/a", "a /"],
  ["h/a?b", "a /?b"],
  ["h/%61/b", "ambiguous"],
  ["h/a/../a/b", "ambiguous"],
  ["h/a//b.org", "ambiguous"],
  ["h/b//%61", "root /b//%61"],
]);

const REDIRECTED: Declared = {
  moved: [{ host: "old.org", redirect: { to: "https://new.org", status: 301 }, strip: true }],
  page: [{ path: "/old", redirect: { to: "/new" } }],
  safe: [{ host: "safe.org", https: "redirect" }, { path: "/safe", https: "redirect", redirect: { to: "/x" } }],
};
table("redirects are answered with where to go", REDIRECTED, [
  ["old.org/a%2F?b", "301 https://new.org/a%2F?b"],
  ["old.org", "301 https://new.org/"],
  ["h/old/x?y", "308 /new"],
  ["Safe.org:80/a?b", "308 https://safe.org/a?b"],
  ["safe.org/a?b", "safe /a?b", { isTls: true }],
  ["h/safe", "308 https://h/safe"],
  ["h/safe", "308 /x", { isTls: true }],
  ["/safe", "ambiguous"],
  ["a@b/safe", "ambiguous"],
]);

Deno.test("RouteTable: a redirect names the port where there is TLS", () => {
  const match = tableOf({ a: [{ https: "redirect" }] }, 8443).match(ask("a.org:8080/x"), never);
  assertEquals(match, { kind: "redirect", status: 308, location: "https://a.org:8443/x" });
});

Deno.test("RouteTable: a match comes with its route, or with the usual one", () => {
  const routes = tableOf({ a: [{ host: "a.org", timeout: "5s" }] });
  const match = routes.match(ask("a.org/"), never);
  assertEquals(match.kind === "forward" && [match.route.id, match.route.timeoutMs], ["a a.org/", 5_000]);
  const usual = routes.match(ask("b.org/"), never);
  assertEquals(usual.kind === "forward" && [usual.route.id, usual.route.route], ["default */", ROUTE_USUAL]);
});

Deno.test("RouteTable: services share requests by weight", () => {
  const routes = tableOf({ stable: [{ weight: 90 }], canary: [{ weight: 10 }], off: [{ weight: 0 }] });
  const counts = new Map<string, number>();
  for (let step = 0; step < 1_000; step++) {
    const way = wayOf(routes.match(ask("h/"), () => step / 1_000));
    counts.set(way, (counts.get(way) ?? 0) + 1);
  }
  assertEquals(counts.size, 2);
  assertAlmostEquals(counts.get("canary /") ?? 0, 100, 1);
});

Deno.test("RouteTable: two routes of a service that come to the same don't double its share", () => {
  const twice = [{ headers: { a: "1" } }, { headers: { b: "1" } }];
  const routes = tableOf({ x: twice, y: [{ headers: { a: "1" } }] });
  const question = ask("h/", { fields: [["a", "1"], ["b", "1"]] });
  assertEquals(wayOf(routes.match(question, () => 0.49)), "x /");
  assertEquals(wayOf(routes.match(question, () => 0.5)), "y /");
  const plain = tableOf({ x: [{}, { weight: 900 }], y: [{}] });
  assertEquals(wayOf(plain.match(ask("h/"), () => 0.49)), "x /");
  assertEquals(wayOf(plain.match(ask("h/"), () => 0.5)), "y /");
});

Deno.test("RouteTable: what weighs nothing gets nothing, and nobody gets it instead", () => {
  const routes = tableOf({ a: [{ path: "/a", weight: 0 }], b: [{ path: "/a", weight: 0 }], any: [{}] });
  assertEquals(routes.match(ask("h/a"), never), { kind: "none" });
});

Deno.test("RouteTable: set() replaces the routes of its service alone, and delete() takes them away", () => {
  const routes = tableOf({ a: [{ host: "a.org", path: "/x/y" }], b: [{ host: "a.org", path: "/x" }] });
  routes.set("a", [Route.parse({ host: "*.b.org" })]);
  assertEquals(wayOf(routes.match(ask("a.org/x/y"), never)), "b /x/y");
  assertEquals(wayOf(routes.match(ask("c.b.org/"), never)), "a /");
  for (const service of ["a", "b", "b", "never there"]) routes.delete(service);
  assertEquals(wayOf(routes.match(ask("a.org/x/y"), never)), "default /x/y");
  assertEquals(wayOf(routes.match(ask("c.b.org/"), never)), "default /");
});

const someServices = fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c", "default"), someRoutes), {
  selector: ([service]) => service,
});
const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

function fill(table: RouteTable, routes: Iterable<readonly [string, readonly Route[]]>): RouteTable {
  for (const [service, declared] of routes) table.set(service, declared);
  return table;
}

Deno.test("RouteTable: match() agrees with sorting all routes", () => {
  fc.assert(fc.property(someServices, fc.array(someQuestion), chances, (services, questions, chance) => {
    const routes: Routes = new Map(services);
    const table = fill(new RouteTable({ defaultService: "default" }), routes);
    for (const question of questions) {
      const match = table.match(question, () => chance);
      const expected = naiveMatch(routes, question, chance) ??
        (routes.get("default")?.length ? "nobody" : { service: "default", route: ROUTE_USUAL });
      const found = match.kind === "forward" ? { service: match.service, route: match.route.route } : "nobody";
      assertEquals(found, expected);
    }
  }));
});

Deno.test("RouteTable: changes in any order come to the same as a new table", () => {
  const change = fc.tuple(fc.constantFrom("a", "b", "c", "default"), fc.option(someRoutes));
  fc.assert(fc.property(fc.array(change), fc.array(someQuestion), chances, (changes, questions, chance) => {
    const changed = new RouteTable({ defaultService: "default" });
    const left = new Map<string, Route[]>();
    for (const [service, routes] of changes) {
      left.delete(service);
      if (routes === null) changed.delete(service);
      else changed.set(service, routes);
      if (routes !== null) left.set(service, routes);
    }
    const anew = fill(new RouteTable({ defaultService: "default" }), [...left].reverse());
    for (const question of questions) {
      assertEquals(changed.match(question, () => chance), anew.match(question, () => chance));
    }
  }));
});
