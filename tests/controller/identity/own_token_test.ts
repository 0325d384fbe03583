/**
 * The administrator's first token: kept over restarts, for its owner only, and good beside a token that was given.
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { join } from "node:path";
import { ownToken } from "../../../lib/controller/identity/own_token.ts";
import { startProgram } from "../../../scripts/local_program.ts";
import { granted } from "../../support/granted.ts";

const ignore = !granted;

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "muster-test-own-token-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "ownToken() makes a token once, in a file for its owner only",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      const token = await ownToken(folder);
      assertEquals(await ownToken(folder), token);
      if (Deno.build.os !== "windows") {
        assertEquals((await Deno.stat(join(folder, "admin.token"))).mode! & 0o777, 0o600);
      }
      await withFolder(async (other) => assertNotEquals(await ownToken(other), token));
    }),
});

Deno.test({
  name: "a secure controller believes its own token and that of --token-file, and no third",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      const file = join(folder, "token");
      await Deno.writeTextFile(file, "given-token");
      await using controller = await startProgram("controller", {
        args: ["--secure", "--token-file", file],
        tls: true,
      });
      const own = await Deno.readTextFile(join(controller.data, "admin.token"));
      using client = Deno.createHttpClient({
        caCerts: [await Deno.readTextFile(join(controller.data, "authority/authority.pem"))],
      });
      const ask = async (token: string) => {
        const headers = { authorization: `Bearer ${token}` };
        const response = await fetch(`${controller.url}/v1/tokens`, { headers, client });
        await response.body?.cancel();
        return response.status;
      };
      assertEquals(await Promise.all([own.trim(), "given-token", "another"].map(ask)), [200, 200, 401]);
    }),
});
