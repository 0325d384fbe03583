import { assertEquals, assertStringIncludes } from "@std/assert";
import { startApi } from "../harness.ts";

const TOKEN = "correct-horse-battery";
const BEARER = { authorization: `Bearer ${TOKEN}` };

async function statusOf(response: Response | Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

Deno.test("without a token everything is open; with one only health, readiness, version, pages and proxied paths are", async () => {
  await using open = await startApi();
  assertEquals(await statusOf(open.call("GET", "/status")), 200);
  await using closed = await startApi({ token: TOKEN });
  for (const path of ["/healthz", "/readyz", "/version", "/docs", "/openapi.json", "/", "/proxy/x"]) {
    assertEquals(await statusOf(closed.call("GET", path)), 200, path);
  }
  for (const path of ["/status", "/metrics", "/v1/services", "/v1/nothing"]) {
    const response = await closed.call("GET", path, { from: path });
    assertEquals(response.status, 401, path);
    assertStringIncludes(response.headers.get("www-authenticate") ?? "", "Bearer");
    await response.body?.cancel();
  }
  assertEquals(await statusOf(closed.call("POST", "/scale", { body: { replicas: 1 } })), 401);
  assertEquals(await statusOf(closed.call("GET", "/status", { headers: BEARER })), 200);
  assertEquals(await statusOf(closed.call("POST", "/scale", { body: { replicas: 1 }, headers: BEARER })), 202);
});

Deno.test("a wrong token is 401, and after ten failures in a minute 429, for that address only", async () => {
  await using harness = await startApi({ token: TOKEN });
  const wrong = { authorization: "Bearer correct-horse-batterz" };
  for (let failure = 0; failure < 10; failure++) {
    assertEquals(await statusOf(harness.call("GET", "/status", { headers: wrong, from: "10.0.0.1" })), 401);
  }
  const response = await harness.call("GET", "/status", { headers: BEARER, from: "10.0.0.1" });
  assertEquals([response.status, response.headers.get("retry-after")], [429, "60"]);
  assertEquals(await statusOf(harness.call("GET", "/status", { headers: BEARER, from: "10.0.0.2" })), 200);
});

Deno.test("X-Forwarded-For and its like say nothing about the address: neither to get in nor to lock others out", async () => {
  await using harness = await startApi({ token: TOKEN });
  const forged = { "x-forwarded-for": "10.0.0.2", forwarded: "for=10.0.0.2", "x-real-ip": "10.0.0.2" };
  for (let failure = 0; failure < 11; failure++) {
    const status = await statusOf(harness.call("GET", "/status", { headers: forged, from: "10.0.0.1" }));
    assertEquals(status, failure < 10 ? 401 : 429);
  }
  assertEquals(await statusOf(harness.call("GET", "/status", { headers: BEARER, from: "10.0.0.2" })), 200);
  const other = { ...BEARER, "x-forwarded-for": "10.0.0.3" };
  assertEquals(await statusOf(harness.call("GET", "/status", { headers: other, from: "10.0.0.1" })), 429);
});

Deno.test("of many wrong tokens at once no more are answered than of many in turn", async () => {
  await using harness = await startApi({ token: TOKEN });
  const guess = (n: number) => harness.call("GET", "/status", { headers: { authorization: `Bearer guess-${n}` } });
  const statuses = await Promise.all(Array.from({ length: 50 }, (_, n) => statusOf(guess(n))));
  assertEquals(statuses.filter((status) => status === 401).length, 10);
});

Deno.test("what a URL holds tells nobody whether it is somebody else's token", async () => {
  await using harness = await startApi({ token: TOKEN });
  const options = { headers: BEARER, body: { name: "ada", role: "viewer" } };
  const { token } = await (await harness.call("POST", "/v1/tokens", options)).json();
  const headers = { authorization: `Bearer ${token}` };
  for (const guess of [TOKEN, "wrong"]) {
    assertEquals(await statusOf(harness.call("GET", `/v1/replicas?service=${guess}`, { headers })), 404, guess);
  }
  for (const path of [`/v1/replicas?service=${token}`, `/v1/replicas?service=x${token}y`, `/v1/services/${token}`]) {
    assertEquals(await statusOf(harness.call("GET", path, { headers: BEARER })), 400, path);
  }
});

Deno.test("a token in the URL is 400, right or wrong, under whatever name", async () => {
  await using harness = await startApi({ token: TOKEN });
  for (const query of ["token=x", "access_token=", `q=${TOKEN}`]) {
    assertEquals(await statusOf(harness.call("GET", `/status?${query}`, { headers: BEARER })), 400, query);
  }
});

Deno.test("an unknown Host is 421; addresses, localhost and the names given are known", async () => {
  await using harness = await startApi({ hosts: ["muster.example"] });
  for (const host of ["127.0.0.1:1", "[::1]", "10.1.2.3", "localhost:8000", "muster.example", "MUSTER.example:81"]) {
    assertEquals(await statusOf(harness.call("GET", `http://${host}/status`)), 200, host);
  }
  for (const host of ["evil.example", "muster.example.evil", "127.0.0.1.evil.example"]) {
    assertEquals(await statusOf(harness.call("GET", `http://${host}/status`)), 421, host);
    assertEquals(await statusOf(harness.call("GET", `http://${host}/`)), 200, "replicas may have any name");
  }
});

Deno.test("a write from another site's page is 403, a read is not", async () => {
  await using harness = await startApi();
  const write = (headers: Record<string, string>) => harness.call("POST", "/scale", { body: { replicas: 1 }, headers });
  for (const origin of ["https://evil.example", "null", "http://127.0.0.1:8001"]) {
    assertEquals(await statusOf(write({ origin })), 403, origin);
  }
  assertEquals(await statusOf(write({ "sec-fetch-site": "cross-site" })), 403);
  assertEquals(await statusOf(write({ origin: "http://127.0.0.1:8000" })), 202);
  assertEquals(await statusOf(harness.call("GET", "/status", { headers: { origin: "https://evil.example" } })), 200);
});
