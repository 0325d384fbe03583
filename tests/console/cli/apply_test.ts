import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Applied, Planned } from "../../../lib/wire/change.ts";
import { granted } from "../../support/granted.ts";
import { fakeController, refusal, run, watchStream } from "./fake_controller.ts";
import { snapshot } from "../../support/views.ts";
import { rollout, service } from "./seen_views.ts";

const SPEC = "name: web\ncommand: [payload]\n";
const PLANNED = Planned.parse({
  services: [{
    name: "web",
    outcome: "changed",
    generation: 2,
    changes: ["env.A"],
    diff: [{ path: "env.A", before: "1", after: "\x1b[2J2" }],
  }],
  actions: [],
  waits: [],
  complete: true,
});
const APPLIED = Applied.parse({
  services: [{ name: "web", outcome: "changed", generation: 2, desired: 3, changes: ["env.A"], revision: 8 }],
  revision: 8,
});

/** A controller that plans so; `asked` gets what is applied. */
function changing(planned: Planned, asked: Headers[] = []) {
  const updated = service({ generation: 2, rollout: rollout({ phase: "done" }) });
  return fakeController({
    "/v1/plan": () => Response.json(planned),
    "/v1/services/web": () => Response.json(service({ revision: 7 })),
    "/v1/apply": (request) => {
      asked.push(new Headers(request.headers));
      return Response.json(APPLIED);
    },
    "/v1/watch": () => watchStream(snapshot({ services: [updated] })),
  });
}

const APPLY = ["apply", "-f", "-"];

Deno.test({
  name: "apply shows the plan, applies once on a yes, from what was planned from, and follows",
  ignore: !granted,
  fn: async () => {
    const asked: Headers[] = [];
    await using fake = changing(PLANNED, asked);
    const call = { input: SPEC, env: { MUSTER_SERVER: fake.server }, answer: "y" };
    const { code, out, errors } = await run(APPLY, call);
    assertEquals(code, 0, errors);
    assertMatch(out, /^web {2}changed, generation 2\n {2}− env\.A: "1"\n {2}\+ env\.A: ".*2"\n/);
    assert(!out.includes("\x1b"));
    assertMatch(errors, /^Apply this\? \[y\/N\] web {2}generation 2 .*\n✓ web {2}generation 2 runs/);
    const [headers = new Headers()] = asked;
    assertEquals(headers.get("if-match"), '"7"');
    assertMatch(headers.get("idempotency-key") ?? "", /^[\da-f-]{36}$/);
  },
});

Deno.test({
  name: "apply changes nothing on a no, or when there is nobody to ask",
  ignore: !granted,
  fn: async () => {
    const asked: Headers[] = [];
    await using fake = changing(PLANNED, asked);
    const call = { input: SPEC, env: { MUSTER_SERVER: fake.server } };
    const refused = await run(APPLY, { ...call, answer: "n" });
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.errors, "Nothing was changed.");
    const alone = await run(APPLY, call);
    assertEquals(alone.code, 2);
    assertStringIncludes(alone.errors, "say --yes");
    assertEquals(asked, []);
  },
});

Deno.test({
  name: "apply -o json gives the answer alone, and --dry-run the plan",
  ignore: !granted,
  fn: async () => {
    const asked: Headers[] = [];
    await using fake = changing(PLANNED, asked);
    const call = { input: SPEC, env: { MUSTER_SERVER: fake.server } };
    assertEquals(Applied.parse(JSON.parse((await run([...APPLY, "-y", "-o", "json"], call)).out)), APPLIED);
    assertStringIncludes((await run([...APPLY, "-o", "json"], { ...call, answer: "n" })).errors, '− env.A: "1"');
    assertEquals(asked.length, 1);
    for (const line of [["plan", "-f", "-"], [...APPLY, "--dry-run"]]) {
      assertEquals(Planned.parse(JSON.parse((await run([...line, "-o", "json"], call)).out)), PLANNED);
    }
    assertEquals(asked.length, 1);
  },
});

Deno.test({
  name: "apply asks nothing when there is nothing to do; plan exits with 5 when something has no place",
  ignore: !granted,
  fn: async () => {
    const nothing = Planned.parse({
      ...PLANNED,
      services: [{ ...PLANNED.services[0], outcome: "unchanged", changes: [], diff: [] }],
    });
    await using fake = changing(nothing);
    const { code, out, errors } = await run(APPLY, { input: SPEC, env: { MUSTER_SERVER: fake.server } });
    assertEquals([code, errors], [0, ""]);
    assertStringIncludes(out, "Nothing to do");

    const waits = [{ service: "web", slot: 2, reason: "no node has room", kind: "blocked" as const }];
    await using full = changing({ ...PLANNED, complete: false, waits });
    const short = await run(["plan", "-f", "-"], { input: SPEC, env: { MUSTER_SERVER: full.server } });
    assertEquals(short.code, 5);
    assertStringIncludes(short.out, "  web.2 waits: no node has room\n");
  },
});

Deno.test({
  name: "apply exits with 4 when somebody was faster, and with 2 and a place when a spec is wrong",
  ignore: !granted,
  fn: async () => {
    await using fake = fakeController({
      "/v1/plan": () => Response.json(PLANNED),
      "/v1/services/web": () => Response.json(service()),
      "/v1/apply": () => refusal(412, "web is at revision 9"),
    });
    const env = { MUSTER_SERVER: fake.server };
    const late = await run([...APPLY, "-y"], { input: SPEC, env });
    assertEquals(late.code, 4);
    assertStringIncludes(late.errors, "web is at revision 9");
    const wrong = await run(APPLY, { input: `${SPEC}replicas: many\n`, env });
    assertEquals(wrong.code, 2);
    assertStringIncludes(wrong.errors, "standard input:3:11: ");
  },
});

Deno.test({
  name: "apply exits with 1 when the update is rolled back, and shows the last words",
  ignore: !granted,
  fn: async () => {
    const reason = "generation 2 failed: web.0 crashed 3 times";
    const back = rollout({ phase: "done", cause: "rollback", to: 3, reason, last_words: ["no database"] });
    await using fake = fakeController({
      "/v1/plan": () => Response.json(PLANNED),
      "/v1/services/web": () => Response.json(service()),
      "/v1/apply": () => Response.json(APPLIED),
      "/v1/watch": () => watchStream(snapshot({ services: [service({ generation: 3, rollout: back })] })),
    });
    const { code, errors } = await run([...APPLY, "-y", "-q"], { input: SPEC, env: { MUSTER_SERVER: fake.server } });
    assertEquals(code, 1);
    assertMatch(
      errors,
      /^✗ web: generation 2 failed: .*; rolled back to generation 1 .*\n {2}its last lines:\n {4}no database\n$/,
    );
  },
});
