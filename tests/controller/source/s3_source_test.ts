import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type S3Access, s3AccessFrom, s3Source } from "../../../lib/controller/source/s3_source.ts";
import { SOURCE_BYTES_MAX, type SourceReading } from "../../../lib/controller/source/source.ts";
import { granted } from "../../support/granted.ts";
import { hasSwift, needingSwift, startSwift } from "../../support/swift.ts";

const SECRET = "do-not-tell";
const ENV = {
  AWS_ENDPOINT_URL: "https://s3.example.com/",
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "key",
  AWS_SECRET_ACCESS_KEY: SECRET,
};
const BUCKET = "launch";
const NAME = { kind: "s3", bucket: BUCKET, key: "specs/web + api.yaml" } as const;
const SPEC = "name: web\nreplicas: 2 # zwei für zwei\n";

function read(access: S3Access, seen?: string, key: string = NAME.key): Promise<SourceReading> {
  return s3Source({ ...NAME, key }, access).read({ seen, signal: AbortSignal.timeout(20_000) });
}

function textOf(reading: SourceReading) {
  if (reading.kind !== "text") throw new Error(`Expected a text, got ${JSON.stringify(reading)}`);
  return { texts: reading.texts, version: reading.version };
}

function failureOf(reading: SourceReading): string {
  return reading.kind === "failed" ? reading.reason : `not failed: ${reading.kind}`;
}

Deno.test({
  name: needingSwift("s3Source() on a real server reads, notices changes, and names what is wrong"),
  ignore: !hasSwift,
  fn: async (t) => {
    await using swift = await startSwift();
    const { access } = swift;
    assertEquals(await read(access), { kind: "missing" }, "there is no bucket yet");
    const bucket = await swift.bucket(BUCKET);
    assertEquals(await read(access), { kind: "missing" });

    await t.step("an object is read once, and again when it has changed", async () => {
      await bucket.putObject(NAME.key, SPEC);
      const first = textOf(await read(access));
      assertEquals(first.texts, [{ name: `s3://${BUCKET}/${NAME.key}`, text: SPEC }]);
      assertEquals(await read(access, first.version), { kind: "unchanged" });
      await bucket.putObject(NAME.key, "name: api\n");
      const second = textOf(await read(access, first.version));
      assertEquals(second.texts[0]?.text, "name: api\n");
      assertEquals(second.version === first.version, false);
      assertEquals(await read(access, second.version), { kind: "unchanged" });
    });

    await t.step("one that was removed is missing, also to who has seen it", async () => {
      const { version } = textOf(await read(access));
      await bucket.deleteObject(NAME.key);
      assertEquals(await read(access, version), { kind: "missing" });
    });

    await t.step("a wrong secret, key or region is named, and the secret is not told", async () => {
      await bucket.putObject(NAME.key, SPEC);
      const wrong = failureOf(await read({ ...access, secretAccessKey: SECRET }));
      const hint = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
      assertEquals(wrong, `the storage answered 403 SignatureDoesNotMatch; ${hint}`);
      assertStringIncludes(failureOf(await read({ ...access, accessKeyId: "nobody" })), "check AWS_ACCESS_KEY_ID");
      assertStringIncludes(failureOf(await read({ ...access, region: "mars-1" })), "check AWS_REGION");
    });

    await t.step("the largest object that may be is read, one byte more is not", async () => {
      await bucket.putObject("large", "#".repeat(SOURCE_BYTES_MAX));
      assertEquals(textOf(await read(access, undefined, "large")).texts[0]?.text.length, SOURCE_BYTES_MAX);
      await bucket.putObject("large", "#".repeat(SOURCE_BYTES_MAX + 1));
      assertEquals(
        failureOf(await read(access, undefined, "large")),
        "more than the 1024 KiB that a source may have",
      );
    });

    await t.step("bytes that are no text are not taken for one", async () => {
      await bucket.putObject("binary", new Uint8Array([0xff, 0xfe, 0x00]));
      assertEquals(failureOf(await read(access, undefined, "binary")), "no text in UTF-8");
    });
  },
});

Deno.test({
  name: "s3Source() fails with a reason when nobody listens, and rejects only when it is aborted",
  ignore: !granted,
  fn: async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    const access = { ...s3AccessFrom(new Map(Object.entries(ENV))), endpoint: `http://127.0.0.1:${port}` };
    const reason = failureOf(await read(access));
    assertStringIncludes(reason.toLowerCase(), "refused");
    assertEquals(reason.includes(SECRET), false);
    const reading = s3Source(NAME, access).read({ seen: undefined, signal: AbortSignal.abort(new Error("ending")) });
    assertEquals(await reading.catch((error) => error.message), "ending");
  },
});

Deno.test("s3AccessFrom() takes the variables of other S3 tools, the one for S3 alone first", () => {
  const access = { endpoint: "https://s3.example.com", region: "eu-central-1", accessKeyId: "key" };
  assertEquals(s3AccessFrom(new Map(Object.entries(ENV))), { ...access, secretAccessKey: SECRET });
  const both = { ...ENV, AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9000" };
  assertEquals(s3AccessFrom(new Map(Object.entries(both))).endpoint, "http://127.0.0.1:9000");
});

Deno.test("s3AccessFrom() names all variables that are missing, and no secret", () => {
  const { AWS_SECRET_ACCESS_KEY } = ENV;
  const error = assertThrows(
    () => s3AccessFrom(new Map(Object.entries({ AWS_SECRET_ACCESS_KEY, AWS_REGION: "" }))),
    Error,
  );
  assertStringIncludes(error.message, "AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID not set");
  assertEquals(error.message.includes(SECRET), false);
  const noUrl = new Map(Object.entries({ ...ENV, AWS_ENDPOINT_URL: "s3.example.com" }));
  assertThrows(() => s3AccessFrom(noUrl), Error, "AWS_ENDPOINT_URL is no URL");
});
