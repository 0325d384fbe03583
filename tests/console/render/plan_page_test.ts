import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ServiceSpec } from "../../../lib/cluster/service.ts";
import { isUnplaceable, planPage } from "../../../lib/console/render/plan_page.ts";
import { Planned } from "../../../lib/wire/change.ts";

const PLAIN = { width: undefined, colours: false };
const NEW = ServiceSpec.parse({ name: "web", command: ["payload", "-x"], env: { A: "1" }, health: { tcp: true } });

function planned(fields: Partial<Planned> = {}): Planned {
  const diff = [{ path: "", before: null, after: NEW }];
  const services = [{ name: "web", outcome: "created" as const, generation: 1, changes: [], diff }];
  return Planned.parse({ services, actions: [], waits: [], complete: true, ...fields });
}

const start = {
  kind: "start",
  service: "web",
  slot: 0,
  node: "n1",
  node_name: "alpha",
  generation: 1,
  reason: "0 of 1",
};

Deno.test("planPage() shows of a new service what isn't as usual, then each step with its reason", () => {
  const page = planPage(planned({ actions: [start] }), PLAIN);
  assertMatch(
    page,
    /^web {2}new\n {2}\+ command: \["payload","-x"\]\n {2}\+ replicas: 1\n {2}\+ env\.A: "1"\n {2}\+ health: /,
  );
  assert(!page.includes("restart"), page);
  assertMatch(page, /\nSTEP +WHAT +NODE +WHY\nstart +web\.0 +alpha +0 of 1\n\n1 to start; then all is as wanted\.\n$/);
});

Deno.test("planPage() shows of a change what was and what will be, in colours on a terminal", () => {
  const diff = [{ path: "env.A", before: "1", after: null }, { path: "replicas", before: 2, after: 3 }];
  const services = [{ name: "web", outcome: "changed" as const, generation: 2, changes: [], diff }];
  const page = planPage(planned({ services }), PLAIN);
  assertEquals(
    page,
    'web  changed, generation 2\n  − env.A: "1"\n  − replicas: 2\n  + replicas: 3\n\n' +
      "No replica is touched; then all is as wanted.\n",
  );
  assertStringIncludes(
    planPage(planned({ services }), { width: 80, colours: true }),
    "\x1b[31m  − replicas: 2\x1b[39m",
  );
});

Deno.test("planPage() says what would be left waiting, and why it isn't known", () => {
  const waits: Planned["waits"] = [{ service: "web", slot: 0, reason: "no node has room", kind: "blocked" }];
  const short = planned({ complete: false, waits });
  assert(isUnplaceable(short));
  assertStringIncludes(planPage(short, PLAIN), "then not all is as wanted:\n  web.0 waits: no node has room\n");
  const held = planned({
    complete: false,
    waits: [{ service: "web", slot: 0, reason: "the update is paused", kind: "step" }],
  });
  assert(!isUnplaceable(held));
  assertStringIncludes(planPage(held, PLAIN), "; then it waits:\n  web.0 waits: the update is paused\n");
  const cut = planned({ complete: false, cut_short: "only the first 2 hours are played" });
  assert(!isUnplaceable(cut));
  assertStringIncludes(planPage(cut, PLAIN), "It was not played to its end: only the first 2 hours are played.\n");
});

Deno.test("planPage() shows forty steps and counts the others, and nothing reaches a terminal as a command", () => {
  const evil = "\x1b]0;x\x07\u202e\nevil";
  const actions = Array.from({ length: 50 }, (_, slot) => ({ ...start, slot, reason: evil, node_name: evil }));
  const diff = [{ path: `env.${evil}`, before: evil, after: [evil] }];
  const services = [{ name: evil, outcome: "changed" as const, generation: 2, changes: [], diff }];
  const waits = [{ service: evil, slot: 0, reason: evil, kind: "blocked" as const }];
  const page = planPage(planned({ actions, services, waits, complete: false, cut_short: evil }), PLAIN);
  assertStringIncludes(page, "and 10 more; -o json shows all\n");
  assertStringIncludes(page, "50 to start");
  // deno-lint-ignore no-control-regex -- they are what is looked for
  assert(!/[\x00-\x09\x0b-\x1f\u202e]/.test(page));
});
