import { assertEquals, assertStringIncludes } from "@std/assert";
import type { TokenCreated } from "../../../lib/wire/api.ts";
import { granted } from "../../support/granted.ts";
import { fakeController, refusal, run } from "./fake_controller.ts";

const made: TokenCreated = {
  id: "00000000-0000-4000-8000-000000000001",
  name: "ci",
  role: "operator",
  services: ["web-*", "db"],
  created_at: "2026-01-01T00:00:00.000Z",
  expires_at: "2026-01-31T00:00:00.000Z",
  last_used_at: null,
  token: "muster_secret",
};

Deno.test({
  name: "token create asks for what was said, and prints the token alone on standard output",
  ignore: !granted,
  fn: async () => {
    const asked: unknown[] = [];
    await using fake = fakeController({
      "/v1/tokens": async (request) => {
        asked.push(await request.json());
        return Response.json(made, { status: 201 });
      },
    });
    const env = { MUSTER_SERVER: fake.server };
    const line = ["token", "create", "--name", "ci", "--role", "operator", "--service", "web-*", "--service", "db"];
    const { code, out, errors } = await run([...line, "--ttl", "30d"], { env });
    assertEquals([code, out], [0, "muster_secret\n"]);
    assertStringIncludes(errors, "Token of ci: operator for web-*, db, until 2026-01-31 00:00:00 UTC");
    assertEquals(JSON.parse((await run(["token", "create", "--name", "x", "-o", "json"], { env })).out), made);
    assertEquals(asked, [
      { name: "ci", role: "operator", services: ["web-*", "db"], ttl: "2592000000ms" },
      { name: "x", role: "viewer" },
    ]);
  },
});

Deno.test("token create without a name, or with a role that isn't one, exits with 2", async () => {
  for (const line of [[], ["--name", "x", "--role", "root"], ["--name", "x", "--ttl", "30"]]) {
    assertEquals((await run(["token", "create", ...line])).code, 2, line.join(" "));
  }
});

Deno.test({
  name: "a token command exits with 7 when it isn't allowed, also after too many failures",
  ignore: !granted,
  fn: async () => {
    for (const status of [401, 403, 429]) {
      await using fake = fakeController({ "/v1/tokens": () => refusal(status, "no") });
      const { code, out } = await run(["token", "create", "--name", "x", "--server", fake.server]);
      assertEquals([code, out], [7, ""], String(status));
    }
  },
});
