import { assertEquals } from "@std/assert";
import { Route, ROUTE_USUAL } from "../../lib/cluster/route.ts";

function isRoute(given: unknown): boolean {
  return Route.safeParse(given).success;
}

Deno.test("a route without a word takes every request, and has all that requests need", () => {
  assertEquals(Route.parse({}), ROUTE_USUAL);
  const { host, path, balance, retries, queue } = ROUTE_USUAL;
  assertEquals([host, path, balance, retries], [undefined, "/", "round_robin", 2]);
  assertEquals(queue, { length: 1_000, timeout: "5s" });
});

Deno.test("hosts are names in lower case, addresses in brackets, or a star before a name", () => {
  const good = ["a", "web.example.org", "*.example.org", "_acme.example.org", "10.0.0.1", "[::1]"];
  const bad = ["", "*", "*example.org", "a.*.b", "Web.example.org", "a:80", "a/b", "-a", "a-", "a..b", ".a", "a."];
  assertEquals(good.filter((host) => !isRoute({ host })), []);
  assertEquals(bad.filter((host) => isRoute({ host })), []);
});

Deno.test("paths are those that can be read in one way only", () => {
  const good = ["/", "/a", "/a/b.c", "/a.b", "/..a", "/a..", "/~x", "/a:b@c"];
  const bad = [
    "",
    "a",
    "//",
    "/a/",
    "/a//b",
    "/.",
    "/a/..",
    "/a/../b",
    "/./a",
    "/a%41",
    "/a?b",
    "/a#b",
    "/a;b",
    "/a\\b",
    "/ä",
  ];
  assertEquals(good.filter((path) => !isRoute({ path })), []);
  assertEquals(bad.filter((path) => isRoute({ path })), []);
});

Deno.test("redirects lead to a place that is plainly said", () => {
  const good = ["/", "/a?b#c", "https://a.b", "http://a.b:8080", "https://a.b/c", "https://[::1]/"];
  const bad = [
    "",
    "a",
    "//a.b",
    "/\\a.b",
    "ftp://a",
    "https://",
    "https://u@a",
    "https://a b",
    "javascript:x",
    "/a\r\nb",
  ];
  assertEquals(good.filter((to) => !isRoute({ redirect: { to } })), []);
  assertEquals(bad.filter((to) => isRoute({ redirect: { to } })), []);
});
