import { assertEquals, assertThrows } from "@std/assert";
import { openSources } from "../../../lib/controller/source/open_sources.ts";
import { systemClock as clock } from "../../../lib/runtime/clock.ts";

const OBJECT = { kind: "s3", bucket: "launch", key: "web.yaml" } as const;

Deno.test("openSources() asks for S3's variables only where S3 is read", () => {
  const env = new Map<string, string>();
  assertEquals(openSources([{ kind: "file", path: "web.yaml" }], { env, clock }).map(({ name }) => name), ["web.yaml"]);
  assertThrows(() => openSources([OBJECT], { env, clock }), Error, "AWS_SECRET_ACCESS_KEY not set");
  env.set("AWS_ENDPOINT_URL", "http://127.0.0.1:9000").set("AWS_REGION", "us-east-1");
  env.set("AWS_ACCESS_KEY_ID", "key").set("AWS_SECRET_ACCESS_KEY", "secret");
  assertEquals(openSources([OBJECT], { env, clock }).map(({ name }) => name), ["s3://launch/web.yaml"]);
});
