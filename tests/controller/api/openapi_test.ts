import { Validator } from "npm:@seriousme/openapi-schema-validator@^2.11.0";
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { referredTo } from "../../../lib/controller/api/openapi/components.ts";
import type { JsonSchema } from "../../../lib/controller/api/openapi/json_schema.ts";
import type { AnswerObject, OperationObject } from "../../../lib/controller/api/openapi/operation_object.ts";
import { VERSION } from "../../../lib/runtime/version.ts";
import { type CallName, CALLS } from "../../../lib/wire/contract/calls.ts";
import { CONTRACT } from "../../../lib/wire/contract/contract.ts";
import type { Operation } from "../../../lib/wire/contract/operation.ts";
import { bodiesOf } from "./bodies.ts";
import { granted } from "../../support/granted.ts";
import { asDocumented, documentOfAll, mismatchesOf } from "./documented.ts";
import { startApi } from "./harness.ts";

const operations = Object.entries(documentOfAll().paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation }))
);

function operationOf(name: CallName): OperationObject {
  const found = operations.find(({ operation }) => operation.operationId === name);
  assert(found !== undefined, name);
  return found.operation;
}

Deno.test("GET /openapi.json is a valid OpenAPI 3.1 document, for everybody", { ignore: !granted }, async () => {
  await using harness = await startApi({ token: "correct-horse-battery" });
  const response = await harness.call("GET", "/openapi.json");
  assertEquals([response.status, response.headers.get("content-type")], [200, "application/json"]);
  const document = await response.json();
  assertEquals([document.openapi, document.info.version], ["3.1.0", VERSION]);
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  assertEquals([valid, errors], [true, undefined]);
});

Deno.test("each operation is documented once, under its name, method and path", () => {
  const found = operations.map(({ path, method, operation: { operationId } }) => [operationId, [method, path]]);
  assertEquals(new Set(found.map(([name]) => name)).size, found.length);
  assertEquals(Object.fromEntries(found), structuredClone(CALLS));
});

Deno.test("every reference leads somewhere, and everything is referred to", () => {
  const document = documentOfAll();
  const referred = new Set(referencesIn(document));
  assertEquals([...referred].sort(), Object.keys(document.components.schemas).sort());
});

Deno.test("every parameter is told about, and those of the path are the path's", () => {
  for (const { path, operation: { operationId, parameters } } of operations) {
    for (const { name, description } of parameters) assert(description !== "", `${operationId} ${name}`);
    const inPath = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
    assertEquals(inPath, [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name), path);
  }
});

Deno.test("every example is what its schema says", () => {
  for (const { operation: { operationId, requestBody, responses } } of operations) {
    const answers = Object.values(responses).filter((answer): answer is AnswerObject => "description" in answer);
    for (const { content = {} } of [...(requestBody === undefined ? [] : [requestBody]), ...answers]) {
      for (const [media, { schema, example }] of Object.entries(content)) {
        // What stands between angle brackets is for people to fill in.
        if (example === undefined || JSON.stringify(example).includes("<")) continue;
        assertEquals(mismatchesOf(schema, example, { strict: true }), [], `${operationId} ${media}`);
      }
    }
  }
});

Deno.test("what a rehearsal answers is documented, and lacks what is shown once", () => {
  const rehearsed = (name: CallName) => {
    const answer = operationOf(name).responses["200"];
    assert(answer !== undefined && "content" in answer);
    return answer.content?.["application/json"]?.schema;
  };
  const created = rehearsed("createToken");
  assertEquals([Object.hasOwn(created?.properties ?? {}, "token"), created?.required?.includes("dry_run")], [
    false,
    true,
  ]);
  assertEquals(rehearsed("apply")?.anyOf?.map((kind) => referredTo(kind as object)), ["Applied", "Planned"]);
});

/** Of their bodies a JSON Schema can say all. */
const WHOLE = ["scale", "rollbackService", "signalReplica", "addNode", "findMissingChunks", "renew"] as const;

for (const name of WHOLE) {
  Deno.test(`a body of ${name}() is taken exactly when the document says so`, () => {
    const { body }: Operation = CONTRACT[name];
    const schema = operationOf(name).requestBody?.content["application/json"]?.schema;
    assert(body !== undefined && schema !== undefined);
    const counts = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(bodiesOf(schema, documentOfAll().components.schemas), (value) => {
        const isTaken = body.schema.safeParse(value).success;
        counts[isTaken ? "taken" : "refused"] += 1;
        assertEquals(mismatchesOf(schema, value, { strict: false }).length === 0, isTaken, JSON.stringify(value));
      }),
      { numRuns: 300 },
    );
    assert(counts.taken > 30 && counts.refused > 30, JSON.stringify(counts));
  });
}

Deno.test("an answer with a field, a status or a media type that no one was told of is found", async () => {
  const call = { method: "POST", path: "/v1/services/web/scale" };
  const scaled = { service: "web", desired: 3, revision: 5 };
  const answer = (body: unknown, init: ResponseInit) => asDocumented(call, Response.json(body, init));
  await answer(scaled, { status: 202 });
  const rehearse = (body: unknown, status: number) =>
    asDocumented({ ...call, path: `${call.path}?dry_run=true` }, Response.json(body, { status }));
  await rehearse({ ...scaled, dry_run: true }, 200);
  await assertRejects(() => rehearse(scaled, 200));
  await assertRejects(() => rehearse({ ...scaled, dry_run: true }, 202));
  await assertRejects(() => answer({ ...scaled, dry_run: true }, { status: 200 }));
  await assertRejects(() => answer({ ...scaled, secret: 1 }, { status: 202 }));
  await assertRejects(() => answer({ ...scaled, desired: "3" }, { status: 202 }));
  await assertRejects(() => answer(scaled, { status: 201 }));
  await assertRejects(() => answer(scaled, { status: 500 }));
  await assertRejects(() => answer(scaled, { status: 202, headers: { "content-type": "text/json" } }));
});

function referencesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const name = referredTo(value as JsonSchema);
  return name === undefined ? Object.values(value).flatMap(referencesIn) : [name];
}
