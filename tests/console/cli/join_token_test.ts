import { assertEquals, assertMatch } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";

const MADE = {
  id: "11111111-1111-4111-8111-111111111111",
  role: "node",
  labels: { zone: "a" },
  expires_at: "2026-01-01T00:15:00.000Z",
  token: "muster1.digest.id.secret",
};
const STATUS = {
  cluster: { leader: "https://10.0.0.1:8000", epoch: 1, version: "0", revision: 1 },
  services: [],
  nodes: [],
};

Deno.test({
  name: "join-token prints the command for the new host alone, with the token where no list of processes shows it",
  ignore: !granted,
  fn: async () => {
    const asked: unknown[] = [];
    await using fake = fakeController({
      "/status": () => Response.json(STATUS),
      "/v1/join-tokens": async (request) => {
        asked.push(await request.json());
        const { token: _, ...rehearsed } = MADE;
        if (request.url.includes("dry_run=true")) return Response.json({ ...rehearsed, dry_run: true });
        return Response.json(MADE, { status: 201 });
      },
    });
    const env = { MUSTER_SERVER: fake.server };
    const { code, out, errors } = await run(["join-token", "--label", "zone=a", "--ttl", "1h"], { env });
    assertEquals(code, 0, errors);
    const [command, token, end] = out.trimEnd().split("\n");
    assertMatch(
      command!,
      /^sh muster\/install.sh .* --controller https:\/\/10\.0\.0\.1:8000 --join-token-file - <<'END'$/,
    );
    assertEquals([token, end], [MADE.token, "END"]);
    assertMatch(errors, /one host, until 2026-01-01 00:15:00 UTC/);
    assertEquals((await run(["join-token", "--raw"], { env })).out, `${MADE.token}\n`);
    const json = JSON.parse((await run(["join-token", "-o", "json"], { env })).out);
    assertEquals([json.token, json.controller], [MADE.token, STATUS.cluster.leader]);
    const dry = await run(["join-token", "--dry-run"], { env });
    assertEquals([dry.code, dry.out], [0, ""]);
    assertMatch(dry.errors, /^Nothing was changed/);
    assertEquals(asked, [{ ttl: "3600000ms", labels: { zone: "a" } }, { labels: {} }, { labels: {} }, { labels: {} }]);
  },
});
