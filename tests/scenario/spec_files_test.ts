/**
 * `controller --file`, with real processes: what the guide's example says is applied and kept so, from a file and from an
 * object on a real S3 server.
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { type LocalProgram, startProgram, until } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";
import { hasSwift, needingSwift, startSwift } from "../support/swift.ts";

const WITHIN_MS = 30_000;
const GUIDE = new URL("../../docs/guide/spec-files.md", import.meta.url);

/** The example of the guide, as it stands there. */
function example(): string {
  const [, yaml] = /^```yaml\n([^]*?)^```/m.exec(Deno.readTextFileSync(GUIDE)) ?? [];
  if (yaml === undefined) throw new Error("Cannot find an example: the guide has no YAML");
  return yaml;
}

/** Each service with its scale. */
async function services({ url }: LocalProgram): Promise<Record<string, number>> {
  const answer = await fetch(`${url}/v1/services`);
  const { items }: { items: { name: string; desired: number }[] } = await answer.json();
  return Object.fromEntries(items.map(({ name, desired }) => [name, desired]));
}

async function scaleOfWeb(controller: LocalProgram, wanted: number): Promise<void> {
  const check = async () => (await services(controller)).web === wanted;
  await until(check, { withinMs: WITHIN_MS, what: () => `web to have scale ${wanted}:\n${controller.log()}` });
}

Deno.test({
  name: "a file is applied at the start and when it changes; a mistake changes nothing, its removal removes nothing",
  ignore: !granted,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "muster-specs-" });
    try {
      const path = join(folder, "services.yaml");
      await Deno.writeTextFile(path, example());
      await using controller = await startProgram("controller", { args: ["--file", path, "--store", "memory"] });
      await scaleOfWeb(controller, 2);
      const all = await services(controller);
      assertEquals([all.web, all.api], [2, 1]);

      await Deno.writeTextFile(path, example().replace("replicas: 2", "replicas: 3"));
      await scaleOfWeb(controller, 3);

      await Deno.writeTextFile(
        path,
        example().replace("replicas: 2", "replicas: 4").replace(/command.*\n$/, "comand: 1\n"),
      );
      const refusal = await controller.logged("nothing of it is applied", { withinMs: WITHIN_MS });
      assertStringIncludes(refusal, `${path}, line `);
      assertStringIncludes(refusal, "comand");

      await Deno.remove(path);
      await controller.logged("is gone", { withinMs: WITHIN_MS });
      const left = await services(controller);
      assertEquals([left.web, left.api], [3, 1]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: needingSwift("an object in S3-compatible storage is applied, and applied again when it has changed"),
  ignore: !hasSwift,
  fn: async () => {
    await using swift = await startSwift();
    const { endpoint, region, accessKeyId, secretAccessKey } = swift.access;
    const bucket = await swift.bucket("launch");
    await bucket.putObject("services.yaml", example());
    await using controller = await startProgram("controller", {
      args: ["--file", "s3://launch/services.yaml", "--store", "memory"],
      env: {
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      },
    });
    await scaleOfWeb(controller, 2);
    await bucket.putObject("services.yaml", example().replace("replicas: 2", "replicas: 3"));
    await scaleOfWeb(controller, 3);
    assertEquals(controller.log().includes(secretAccessKey), false);
  },
});

Deno.test({
  name: "a controller that could never read what --file names does not start, and says what is missing",
  ignore: !granted,
  fn: async () => {
    const started = async (file: string) => {
      const env = { AWS_ENDPOINT_URL: "", AWS_ENDPOINT_URL_S3: "", AWS_REGION: "", AWS_SECRET_ACCESS_KEY: "" };
      await using controller = await startProgram("controller", { args: ["--file", file], env, detached: true });
      const { code } = await controller.ended;
      await until(() => controller.log() !== "", { what: "it to say why" });
      return { code, log: controller.log() };
    };
    const unknown = await started("http://example.com/services.yaml");
    assertEquals(unknown.code, 2);
    assertStringIncludes(unknown.log, "expected a file, a folder, or s3://bucket/key");
    const keyless = await started("s3://launch/services.yaml");
    assertEquals(keyless.code, 1);
    assertStringIncludes(keyless.log, "AWS_ENDPOINT_URL, AWS_REGION");
  },
});
