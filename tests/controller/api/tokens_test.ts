import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { TokenCreated, TokenView } from "../../../lib/wire/api.ts";
import { type CallOptions, type Harness, startApi } from "./harness.ts";

const ROOT = "correct-horse-battery";
const asRoot = bearer(ROOT);

function bearer(token: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}` } };
}

/** Makes a token as the admin of `--token-file`. */
async function create(harness: Harness, body: unknown): Promise<TokenCreated> {
  const response = await harness.call("POST", "/v1/tokens", { ...asRoot, body });
  assertEquals(response.status, 201);
  return TokenCreated.parse(await response.json());
}

async function list(harness: Harness): Promise<TokenView[]> {
  const response = await harness.call("GET", "/v1/tokens", asRoot);
  return (await response.json()).items.map((item: unknown) => TokenView.parse(item));
}

async function statusOf(harness: Harness, line: string, options: CallOptions = {}): Promise<number> {
  const [method = "", path = ""] = line.split(" ");
  const { status, body } = await harness.call(method, path, options);
  await body?.cancel();
  return status;
}

Deno.test("a token is shown once, counts at once, and is listed with its use but never with itself", async () => {
  await using harness = await startApi({ token: ROOT });
  const made = await create(harness, { name: "ada", role: "viewer" });
  assertMatch(made.token, /^muster_/);
  assertEquals([made.name, made.role, made.services, made.expires_at], ["ada", "viewer", [], null]);
  const [before] = await list(harness);
  assertEquals(before?.last_used_at, null);
  assertEquals(await statusOf(harness, "GET /status", bearer(made.token)), 200);
  const response = await harness.call("GET", "/v1/tokens", asRoot);
  const text = await response.text();
  assert(!text.includes(made.token) && !text.includes("hash"));
  assertEquals(typeof JSON.parse(text).items[0].last_used_at, "string");
  assert(!JSON.stringify(await harness.store.load()).includes(made.token));
});

Deno.test("a removed token is 401 at once, by id or by name; one that isn't there is 404", async () => {
  await using harness = await startApi({ token: ROOT });
  const { token, id } = await create(harness, { name: "ada", role: "viewer" });
  const other = await create(harness, { name: "bob", role: "viewer" });
  assertEquals(await statusOf(harness, `DELETE /v1/tokens/${id}`, asRoot), 200);
  assertEquals(await statusOf(harness, "GET /status", bearer(token)), 401);
  assertEquals(await statusOf(harness, "GET /status", bearer(other.token)), 200);
  assertEquals(await statusOf(harness, "DELETE /v1/tokens/bob", asRoot), 200);
  assertEquals(await statusOf(harness, "GET /status", bearer(other.token)), 401);
  assertEquals(await statusOf(harness, "DELETE /v1/tokens/bob", asRoot), 404);
});

Deno.test("an expired token is 401, and its name can be had again", async () => {
  let aheadMs = 0;
  const clock = { ...systemClock, wall: () => Date.now() + aheadMs };
  await using harness = await startApi({ token: ROOT, clock });
  const { token } = await create(harness, { name: "ci", role: "operator", ttl: "30d" });
  assertEquals(await statusOf(harness, "GET /status", bearer(token)), 200);
  assertEquals(await statusOf(harness, "POST /v1/tokens", { ...asRoot, body: { name: "ci", role: "viewer" } }), 409);
  aheadMs = 30 * 86_400_000 + 1;
  assertEquals(await statusOf(harness, "GET /status", bearer(token)), 401);
  await create(harness, { name: "ci", role: "viewer" });
  assertEquals((await list(harness)).map(({ role }) => role), ["viewer"]);
});

Deno.test("only an admin reads and makes tokens, whatever the body says", async () => {
  await using harness = await startApi({ token: ROOT });
  for (const role of ["viewer", "operator"]) {
    const { token, id } = await create(harness, { name: role, role });
    const options = { ...bearer(token), from: role };
    assertEquals(await statusOf(harness, "GET /v1/tokens", options), 403);
    assertEquals(await statusOf(harness, "POST /v1/tokens", { ...options, body: { name: "x", role } }), 403);
    assertEquals(await statusOf(harness, `DELETE /v1/tokens/${id}`, options), 403);
  }
  const admin = await create(harness, { name: "root", role: "admin" });
  const options = { ...bearer(admin.token), body: { name: "next", role: "admin" } };
  assertEquals(await statusOf(harness, "POST /v1/tokens", options), 201);
});

Deno.test("a token that makes no sense is 400, and says why", async () => {
  await using harness = await startApi({ token: ROOT });
  for (
    const [body, words] of [
      [{ role: "viewer" }, "name"],
      [{ name: "a b", role: "viewer" }, "a name is 1 to 63"],
      [{ name: "token-file", role: "admin" }, "token-file"],
      [{ name: "a", role: "root" }, "role"],
      [{ name: "a", role: "viewer", ttl: "0s" }, "more than 0"],
      [{ name: "a", role: "viewer", ttl: "soon" }, "whole number with a unit"],
      [{ name: "a", role: "viewer", services: [] }, "services"],
      [{ name: "a", role: "viewer", services: ["Web"] }, "a service's name"],
      [{ name: "a", role: "admin", services: ["web"] }, "an admin's token is for all services"],
      [{ name: "a", role: "viewer", service: ["web"] }, 'did you mean "services"?'],
    ] as const
  ) {
    const response = await harness.call("POST", "/v1/tokens", { ...asRoot, body });
    assertEquals(response.status, 400, JSON.stringify(body));
    assertStringIncludes(await response.text(), words.replaceAll('"', '\\"'));
  }
});

Deno.test("the receipt of an Idempotency-Key doesn't hold the token", async () => {
  await using harness = await startApi({ token: ROOT });
  const headers = { ...asRoot.headers, "idempotency-key": "k" };
  const body = { name: "ada", role: "viewer" };
  const first = TokenCreated.parse(await (await harness.call("POST", "/v1/tokens", { headers, body })).json());
  const again = await harness.call("POST", "/v1/tokens", { headers, body });
  assertEquals([again.status, again.headers.get("idempotency-replayed")], [201, "true"]);
  const { id, token } = await again.json();
  assertEquals([id, token], [first.id, undefined]);
  assert(!JSON.stringify(await harness.store.load()).includes(first.token));
});

Deno.test("more tokens than there may be are 409, until one has expired", async () => {
  let aheadMs = 0;
  await using harness = await startApi({ token: ROOT, clock: { ...systemClock, wall: () => Date.now() + aheadMs } });
  await create(harness, { name: "short", role: "viewer", ttl: "1m" });
  for (let made = 1; made < 1_000; made++) await create(harness, { name: `t${made}`, role: "viewer" });
  const options = { ...asRoot, body: { name: "more", role: "viewer" } };
  assertEquals(await statusOf(harness, "POST /v1/tokens", options), 409);
  aheadMs = 60_001;
  assertEquals(await statusOf(harness, "POST /v1/tokens", options), 201);
  assertEquals(harness.api.tokens.all().length, 1_000);
});

Deno.test("nothing is read of who may not do what they ask", async () => {
  await using harness = await startApi({ token: ROOT });
  const made = await create(harness, { name: "eve", role: "viewer" });
  for (const path of ["/v1/apply", `/v1/chunks/${"0".repeat(64)}`, "/v1/restore"]) {
    const method = path.includes("chunks") ? "PUT" : "POST";
    let read = 0;
    // Without end, and so never answered by whoever waits for it.
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        read += 1;
        controller.enqueue(new Uint8Array(1));
      },
    }, { highWaterMark: 0 });
    const response = await harness.call(method, path, { ...bearer(made.token), body });
    assertEquals([response.status, read], [403, 0], path);
  }
});
