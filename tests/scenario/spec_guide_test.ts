import { assert, assertEquals } from "@std/assert";
import { readDocuments } from "../../lib/wire/documents.ts";
import { parseSpecs } from "../../lib/wire/specs.ts";
import { startApi } from "../controller/api/harness.ts";
import { granted, whenGranted } from "../support/granted.ts";
import { mismatches } from "../support/json_schema.ts";
import { NO_ARTIFACTS } from "../support/no_artifacts.ts";

const GUIDES = ["specs", "updates", "health", "placement", "exclusive", "ingress", "artifacts"];

/** Every example of the guides. */
function examples(): string[] {
  return GUIDES.flatMap((name) => {
    const guide = Deno.readTextFileSync(new URL(`../../docs/guide/${name}.md`, import.meta.url));
    return [...guide.matchAll(/^```(yaml|json)(?: file=\S+)?\n([^]*?)^```/gm)].map(([, , text = ""]) => text);
  });
}

Deno.test({
  name: "every example of the guides is planned, applied, and unchanged when it is applied again",
  ignore: !granted,
  fn: async () => {
    assert(examples().length >= 20);
    for (const body of examples()) {
      await using harness = await startApi({ artifacts: { ...NO_ARTIFACTS, renew: () => true } });
      for (const name of ["alpha", "beta", "gamma"]) await harness.addNode(name);
      const planned = await harness.call("POST", "/v1/plan", { body });
      const { complete, actions } = await planned.json();
      assert(complete && (actions.length > 0 || body.includes("replicas: 0")), body);
      const outcomes = async () => {
        const { services } = await (await harness.call("POST", "/v1/apply", { body })).json();
        return new Set(services.map(({ outcome }: { outcome: string }) => outcome));
      };
      assertEquals(await outcomes(), new Set(["created"]), body);
      assertEquals(await outcomes(), new Set(["unchanged"]), body);
    }
  },
});

Deno.test({
  name: "every example of the guides is valid by /schema/service.json, and a slip in it is not",
  ignore: !granted,
  fn: async () => {
    await using harness = await startApi();
    const schema = await (await harness.call("GET", "/schema/service.json")).json();
    for (const text of examples()) {
      const read = readDocuments(text);
      assert(read.kind === "ok");
      for (const { value } of read.documents) assertEquals(mismatches(schema, value), []);
    }
    assertEquals(mismatches(schema, { name: "web", command: "x" }), ["/command: type"]);
    assertEquals(mismatches(schema, { name: "web", command: ["x"], replica: 1 }), [": additionalProperties"]);
    assertEquals(mismatches(schema, { name: "web", command: ["x"], ports: { a: "80" } }), ["/ports/a: anyOf"]);
  },
});

Deno.test("what the guide says of a slip is what is said", whenGranted, () => {
  const parsed = parseSpecs("name: web\ncommand: [payload]\nreplica: 3");
  assert(parsed.kind === "faulty");
  const [fault] = parsed.faults;
  assertEquals(
    `line ${fault?.line}, column ${fault?.column}: ${fault?.detail}`,
    'line 3, column 1: unknown field "replica": did you mean "replicas"?',
  );
});
