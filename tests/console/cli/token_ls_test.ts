import { assertEquals, assertMatch } from "@std/assert";
import type { TokenView } from "../../../lib/wire/api.ts";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";

const ada: TokenView = {
  id: "00000000-0000-4000-8000-000000000001",
  name: "ada",
  role: "admin",
  services: [],
  created_at: "2026-01-01T00:00:00.000Z",
  expires_at: null,
  last_used_at: "2026-01-02T03:04:05.000Z",
};

Deno.test({
  name: "token ls shows who may come in, as what, until when and when they last did",
  ignore: !granted,
  fn: async () => {
    let items: TokenView[] = [];
    await using fake = fakeController({ "/v1/tokens": () => Response.json({ items, next_cursor: null }) });
    const env = { MUSTER_SERVER: fake.server };
    assertMatch((await run(["token", "ls"], { env })).out, /^No tokens yet: "controller token create"/);
    items = [ada, { ...ada, name: "ci", role: "viewer", services: ["web"], expires_at: "2026-02-01T00:00:00Z" }];
    const { out } = await run(["token", "ls"], { env });
    assertMatch(
      out,
      /^NAME +ROLE +SERVICES +CREATED +EXPIRES +LAST USED +ID\nada +admin +all .* never +2026-01-02 03:04:05 /,
    );
    assertMatch(out, /\nci +viewer +web +.* 2026-02-01 00:00:00 /);
    assertEquals(JSON.parse((await run(["token", "ls", "-o", "json"], { env })).out), items);
  },
});
