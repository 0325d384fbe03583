/**
 * The rules of routing as one sort over all routes, which the route table is compared with: slow, and plain to see. And
 * the services and requests for the comparison, of so few hosts, paths and values that they meet often.
 * @module
 */
import fc from "fast-check";
import { Route } from "../../../lib/cluster/route.ts";
import type { Question } from "../../../lib/ingress/routing/route_table.ts";

export type Routes = ReadonlyMap<string, readonly Route[]>;
interface Entry {
  service: string;
  route: Route;
}

/** The route that a request without encodings takes. */
export function naiveMatch(routes: Routes, question: Question, chance: number): Entry | "nobody" | undefined {
  const entries = [...routes].flatMap(([service, declared]) => declared.map((route) => ({ service, route })));
  const fitting = entries.filter(({ route }) => fits(route, question)).sort((a, b) => compare(a.route, b.route));
  const best = fitting.filter(({ route }) => compare(route, fitting[0]!.route) === 0);
  const ofEach = best.filter(({ service }, index) => best.findIndex((other) => other.service === service) === index);
  const lots = ofEach.toSorted((a, b) => a.service.localeCompare(b.service))
    .flatMap((entry) => Array<Entry>(entry.route.weight).fill(entry));
  return lots[Math.floor(chance * lots.length)] ?? (best.length > 0 ? "nobody" : undefined);
}

function compare(a: Route, b: Route): number {
  const ranks = [a, b].map(({ host, path, headers, query }) => [
    host === undefined ? 0 : host.startsWith("*") ? host.length : 1_000,
    path.length,
    Object.keys(headers).length + Object.keys(query).length,
  ]);
  return [0, 1, 2].map((at) => ranks[1]![at]! - ranks[0]![at]!).find((difference) => difference !== 0) ?? 0;
}

function fits({ host, path, headers, query }: Route, { authority, path: target, fields }: Question): boolean {
  const url = new URL(target, "http://x");
  const isHost = host === undefined || host === authority || (host[0] === "*" && authority.endsWith(host.slice(1)));
  const isPath = path === "/" || url.pathname === path || url.pathname.startsWith(`${path}/`);
  return isHost && isPath &&
    Object.entries(headers).every(([name, value]) => fields.some((field) => field[0] === name && field[1] === value)) &&
    Object.entries(query).every(([name, value]) => url.searchParams.has(name, value));
}

const hosts = ["a.org", "b.a.org", "c.b.a.org"];
const paths = ["/", "/a", "/a/b", "/ab", "/a/b/c"];
const traits = fc.dictionary(fc.constantFrom("x", "y"), fc.constantFrom("1", "2"), { maxKeys: 2 });

const route: fc.Arbitrary<Route> = fc.record({
  host: fc.constantFrom(undefined, ...hosts, "*.a.org", "*.b.a.org", "*.org"),
  path: fc.constantFrom(...paths),
  headers: traits,
  query: traits,
  weight: fc.nat(3),
}).map((given) => Route.parse(given));

export const someRoutes: fc.Arbitrary<Route[]> = fc.array(route, { maxLength: 6 });

export const someQuestion: fc.Arbitrary<Question> = fc.record({
  authority: fc.constantFrom(...hosts, "d.a.org", "e.org", ""),
  path: fc.tuple(fc.constantFrom(...paths, "/a/", "/b"), traits)
    .map(([path, query]) => `${path}?${new URLSearchParams(query)}`),
  fields: traits.map((given) => Object.entries(given)),
  isTls: fc.boolean(),
});
