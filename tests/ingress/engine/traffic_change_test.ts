import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Endpoint } from "../../../lib/cluster/endpoint.ts";
import { Route } from "../../../lib/cluster/route.ts";
import type { Traffic } from "../../../lib/ingress/engine/engine.ts";
import { changed, changeOf } from "../../../lib/ingress/engine/traffic_change.ts";
import { endpoint } from "../balance/rig.ts";

const COUNT = 300;
const listed = Array.from({ length: COUNT }, (_, slot) => endpoint(slot));

function trafficOf(endpoints: readonly Endpoint[], fields: Partial<Traffic> = {}): Traffic {
  return { routes: [Route.parse({})], tcp: [], endpoints, withdrawn: [], desired: endpoints.length, ...fields };
}

Deno.test("changeOf() names the one endpoint of many that has been replaced", () => {
  const present = endpoint(7, { replica: "other" });
  const change = changeOf(trafficOf(listed), trafficOf(listed.with(7, present), { withdrawn: ["r7"] }));
  assertEquals(change, { desired: COUNT, withdrawn: ["r7"], gone: [7], come: [[7, present]] });
});

Deno.test("changeOf() finds nothing changed in copies", () => {
  const change = changeOf(trafficOf(listed), trafficOf(structuredClone(listed)));
  assertEquals(change, { desired: COUNT, withdrawn: [], gone: [], come: [] });
});

Deno.test("changeOf() leaves it to the whole where routes differ, little is there or most has changed", () => {
  assertEquals(changeOf(trafficOf(listed), trafficOf(listed, { routes: [] })), undefined);
  assertEquals(changeOf(trafficOf(listed.slice(0, 20)), trafficOf(listed.slice(0, 19))), undefined);
  assertEquals(changeOf(trafficOf([]), trafficOf(listed)), undefined);
});

Deno.test("property: what changed() makes of the former traffic is the new one", () => {
  const edit = fc.record({
    at: fc.nat(COUNT - 1),
    kind: fc.constantFrom("gone", "moved", "suspect", "come", "swapped", "ported"),
  });
  fc.assert(fc.property(fc.array(edit, { maxLength: 12 }), (edits) => {
    const endpoints = [...listed];
    for (const { at, kind } of edits) {
      const one = endpoints[at % endpoints.length]!;
      if (kind === "gone") endpoints.splice(at % endpoints.length, 1);
      else if (kind === "come") endpoints.splice(at, 0, endpoint(at, { replica: `new-${endpoints.length}` }));
      else if (kind === "swapped") endpoints.push(endpoints.shift()!);
      else if (kind === "moved") endpoints[at % endpoints.length] = { ...one, fence: one.fence + 1 };
      else if (kind === "ported") endpoints[at % endpoints.length] = { ...one, ports: { admin: 1 }, tcp: [5432] };
      else endpoints[at % endpoints.length] = { ...one, suspect: !one.suspect };
    }
    const [former, traffic] = [trafficOf(listed), trafficOf(endpoints)];
    const change = changeOf(former, traffic);
    // In an order that no list of endpoints has, the whole may be told.
    if (change === undefined) return;
    const made = changed(structuredClone(former), structuredClone(change));
    assertEquals(JSON.stringify(made.endpoints), JSON.stringify(traffic.endpoints));
    assertEquals(made.desired, traffic.desired);
  }));
});
