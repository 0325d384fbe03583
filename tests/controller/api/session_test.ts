import { assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { type CallOptions, type Harness, startApi } from "./harness.ts";

const ROOT = "correct-horse-battery";
const BEARER = { authorization: `Bearer ${ROOT}` };
const ORIGIN = { origin: "http://127.0.0.1:8000" };

async function statusOf(harness: Harness, line: string, options: CallOptions = {}): Promise<number> {
  const [method = "", path = ""] = line.split(" ");
  const { status, body } = await harness.call(method, path, options);
  await body?.cancel();
  return status;
}

async function open(harness: Harness, headers: Record<string, string> = BEARER): Promise<string> {
  const response = await harness.call("POST", "/v1/session", { headers });
  await response.body?.cancel();
  assertEquals(response.status, 201);
  const cookie = response.headers.get("set-cookie") ?? "";
  assertMatch(cookie, /^muster_session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=43200$/);
  return cookie.slice(0, cookie.indexOf(";"));
}

Deno.test("a session's cookie reads as its token does, and writes with an Origin that is the controller's", async () => {
  await using harness = await startApi({ token: ROOT });
  const cookie = `theme=dark; ${await open(harness)}`;
  const body = { replicas: 1 };
  assertEquals(await statusOf(harness, "GET /status", { headers: { cookie } }), 200);
  assertEquals(await statusOf(harness, "POST /scale", { body, headers: { cookie, ...ORIGIN } }), 202);
  assertEquals(await statusOf(harness, "POST /scale", { body, headers: { cookie } }), 403);
  for (const origin of ["null", "http://evil.example", "http://127.0.0.1:8001"]) {
    assertEquals(await statusOf(harness, "POST /scale", { body, headers: { cookie, origin } }), 403, origin);
  }
});

Deno.test("a session that was ended, or never was, is 401 and no failed guess", async () => {
  await using harness = await startApi({ token: ROOT });
  const cookie = await open(harness);
  const response = await harness.call("DELETE", "/v1/session", { headers: { cookie, ...ORIGIN } });
  assertEquals(response.status, 204);
  assertMatch(response.headers.get("set-cookie") ?? "", /^muster_session=; .*Max-Age=0$/);
  for (let times = 0; times < 20; times++) {
    assertEquals(await statusOf(harness, "GET /status", { headers: { cookie } }), 401);
  }
  assertEquals(await statusOf(harness, "GET /status", { headers: BEARER }), 200);
});

Deno.test("a session has the role of its token and ends with it", async () => {
  await using harness = await startApi({ token: ROOT });
  const options = { headers: BEARER, body: { name: "ada", role: "viewer" } };
  const { token } = await (await harness.call("POST", "/v1/tokens", options)).json();
  const cookie = await open(harness, { authorization: `Bearer ${token}` });
  const write = { body: { replicas: 1 }, headers: { cookie, ...ORIGIN } };
  assertEquals(await statusOf(harness, "POST /scale", write), 403);
  assertEquals(await statusOf(harness, "GET /status", { headers: { cookie } }), 200);
  assertEquals(await statusOf(harness, "POST /v1/session", { headers: { cookie, ...ORIGIN } }), 400);
  assertEquals(await statusOf(harness, "DELETE /v1/tokens/ada", { headers: BEARER }), 200);
  assertEquals(await statusOf(harness, "GET /status", { headers: { cookie } }), 401);
});

Deno.test("over TLS the cookie is Secure; without a token there is no session", async () => {
  await using harness = await startApi({ token: ROOT });
  const secure = await harness.call("POST", "https://127.0.0.1:8000/v1/session", { headers: BEARER });
  await secure.body?.cancel();
  assertMatch(secure.headers.get("set-cookie") ?? "", /; Secure$/);
  assertEquals(await statusOf(harness, "POST /v1/session"), 401);
  await using lab = await startApi();
  assertEquals(await statusOf(lab, "POST /v1/session"), 409);
});

Deno.test("GET /v1/session tells who asks, what they may do, and until when", async () => {
  await using harness = await startApi({ token: ROOT });
  const made = await harness.call("POST", "/v1/tokens", {
    headers: BEARER,
    body: { name: "ada", role: "operator", services: ["web-*"], ttl: "1h" },
  });
  const { token, expires_at } = await made.json();
  const ask = async (headers: Record<string, string>) => {
    const { name, role, services, expires_at } = await (await harness.call("GET", "/v1/session", { headers })).json();
    return [name, role, services, expires_at];
  };
  const bearer = { authorization: `Bearer ${token}` };
  assertEquals(await ask(bearer), ["ada", "operator", ["web-*"], expires_at]);
  assertEquals(await ask(BEARER), ["token-file", "admin", [], null]);
  const [name, role, services, ends] = await ask({ cookie: await open(harness, bearer) });
  assertEquals([name, role, services], ["ada", "operator", ["web-*"]]);
  assertAlmostEquals(Date.parse(ends), Date.now() + 12 * 3_600_000, 60_000);
  assertEquals(await statusOf(harness, "GET /v1/session"), 401);
});

Deno.test("where nobody is asked for a credential, everybody may do all", async () => {
  await using harness = await startApi();
  const view = await (await harness.call("GET", "/v1/session")).json();
  assertEquals(view, { name: null, role: "admin", services: [], expires_at: null });
});
