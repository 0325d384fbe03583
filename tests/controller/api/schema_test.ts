import { assertEquals } from "@std/assert";
import { ServiceSpec } from "../../../lib/cluster/service.ts";
import { startApi } from "./harness.ts";

Deno.test("GET /schema/service.json is a JSON Schema of all that a spec may say, for everybody", async () => {
  await using harness = await startApi({ token: "correct-horse-battery" });
  const response = await harness.call("GET", "/schema/service.json");
  assertEquals(response.status, 200);
  const schema = await response.json();
  assertEquals(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
  assertEquals(schema.$id, "urn:muster:schema:service");
  assertEquals(Object.keys(schema.properties).sort(), Object.keys(ServiceSpec.shape).sort());
  assertEquals(schema.required.sort(), ["command", "name"]);
  assertEquals(schema.additionalProperties, false);
  const [short, long] = schema.properties.ports.additionalProperties.anyOf;
  assertEquals([short.type, Object.keys(long.properties)], ["integer", ["port", "expose"]]);
});
