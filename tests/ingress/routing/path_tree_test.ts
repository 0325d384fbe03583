import { assertEquals, assertStrictEquals } from "@std/assert";
import { ROUTE_USUAL } from "../../../lib/cluster/route.ts";
import { compileRoute } from "../../../lib/ingress/routing/compiled_route.ts";
import {
  isVacant,
  nearestPlace,
  ranksAt,
  rootPlace,
  settle,
  unsettle,
} from "../../../lib/ingress/routing/path_tree.ts";
import type { Candidate } from "../../../lib/ingress/routing/rank.ts";

function candidate(service: string): Candidate {
  return { compiled: compileRoute(service, ROUTE_USUAL), headers: [], query: [] };
}

Deno.test("nearestPlace() goes as far down as there are places, and no further than the path", () => {
  const root = rootPlace();
  const place = settle(root, "/a/b", candidate("s"));
  for (const path of ["/a/b", "/a/b/", "/a/b/c"]) assertStrictEquals(nearestPlace(root, path), place);
  for (const path of ["/a", "/a/", "/a/bc", "/a/c/b"]) assertStrictEquals(nearestPlace(root, path), place.parent);
  for (const path of ["/", "/b", "/ab"]) assertStrictEquals(nearestPlace(root, path), root);
});

Deno.test("unsettle() leaves no places behind that nothing is at", () => {
  const root = rootPlace();
  const [low, high] = [candidate("low"), candidate("high")];
  const lowPlace = settle(root, "/a/b/c/d", low);
  const highPlace = settle(root, "/a/b", high);
  unsettle(lowPlace, low);
  assertStrictEquals(nearestPlace(root, "/a/b/c/d"), highPlace);
  assertEquals(isVacant(highPlace), false);
  unsettle(highPlace, high);
  assertEquals(isVacant(root), true);
});

Deno.test("ranksAt() follows what comes and goes", () => {
  const root = rootPlace();
  const [a, b] = [candidate("a"), candidate("b")];
  const servicesAt = () =>
    ranksAt(root).flatMap(({ candidates }) => candidates.map(({ compiled }) => compiled.service));
  settle(root, "/", b);
  assertEquals(servicesAt(), ["b"]);
  settle(root, "/", a);
  assertEquals(servicesAt(), ["a", "b"]);
  unsettle(root, b);
  assertEquals(servicesAt(), ["a"]);
});
