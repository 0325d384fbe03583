import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { errorPage, type ErrorPageOptions } from "../../../lib/ingress/seen/error_page.ts";
import { ERROR_REASON_NAMES, type ErrorReason } from "../../../lib/ingress/seen/error_reason.ts";
import { Problem } from "../../../lib/wire/problem.ts";

const HTML = "text/html";

function page(reason: ErrorReason, options: ErrorPageOptions = {}) {
  const { status, title, fields, body } = errorPage(reason, options);
  const named = new Map(fields.map(([name, value]) => [name.toLowerCase(), value]));
  return { status, title, field: (name: string) => named.get(name), text: new TextDecoder().decode(body) };
}

Deno.test("errorPage() is a problem with a stable type, unless HTML is wanted more", () => {
  const { status, title, field, text } = page("no-ready-replica", { accept: "*/*", requestId: "abc" });
  assertEquals([status, title], [503, "Service Unavailable"]);
  assertEquals(field("content-type"), "application/problem+json");
  assertEquals(JSON.parse(text), {
    type: "urn:muster:problem:no-ready-replica",
    title: "Service Unavailable",
    status: 503,
    detail: "the service has no ready replica now",
    request_id: "abc",
  });
  assertEquals(field("cache-control"), "no-store");
});

Deno.test("errorPage() is a problem that Muster's own programs read, for every reason", () => {
  for (const reason of ERROR_REASON_NAMES) {
    const { text, status } = page(reason);
    assertEquals(Problem.parse(JSON.parse(text)).status, status);
  }
});

Deno.test("errorPage() is a page that says status, title, reason and request to people", () => {
  const { field, text } = page("late-answer", { accept: HTML, requestId: "abc", detail: "too late" });
  assertEquals(field("content-type"), "text/html; charset=utf-8");
  for (const part of ["504 Gateway Timeout", "too late", "late-answer", "request abc"]) {
    assertStringIncludes(text, part);
  }
});

Deno.test("errorPage() allows its page the one style that is in it, and nothing else", async () => {
  const { field, text } = page("no-route", { accept: HTML });
  const [, style = ""] = /<style>(.*)<\/style>/s.exec(text) ?? [];
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style)));
  assertEquals(
    field("content-security-policy"),
    `default-src 'none'; style-src 'sha256-${hash.toBase64()}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  assertEquals(page("no-route").field("content-security-policy"), undefined);
});

Deno.test("errorPage() says when to come again, in whole seconds, for what passes", () => {
  assertEquals(page("rate-limited", { retryAfterMs: 1_001 }).field("retry-after"), "2");
  assertEquals(page("rate-limited", { retryAfterMs: 1 }).field("retry-after"), "1");
  assertEquals(page("queue-full").field("retry-after"), "1");
  assertEquals(page("late-answer").field("retry-after"), undefined);
});

Deno.test("errorPage() names the methods that there are where one is refused", () => {
  assertMatch(page("method-refused").field("allow") ?? "", /GET, HEAD/);
});

Deno.test("errorPage() escapes whatever it is given", () => {
  const skeleton = page("bad-request", { accept: HTML, detail: "", requestId: "" }).text.replace(/[^<>]/g, "");
  const hostile = fc.string({ unit: fc.constantFrom(..."<>&\"'/ab\n\u2028é") });
  fc.assert(fc.property(hostile, hostile, (detail, requestId) => {
    const { text } = page("bad-request", { accept: HTML, detail, requestId });
    assertEquals(text.replace(/[^<>]/g, ""), skeleton);
    assert(!/&(?!amp;|lt;|gt;|quot;|#39;)/.test(text));
    const { text: json } = page("bad-request", { detail, requestId });
    assertEquals([JSON.parse(json).detail, JSON.parse(json).request_id], [detail, requestId]);
  }));
});

Deno.test("errorPage() gives fields that hold nothing of what it is given", () => {
  const { fields } = errorPage("bad-request", { detail: "x\r\ny", requestId: "x\r\ny", accept: HTML });
  for (const [name, value] of fields) assertMatch(`${name}: ${value}`, /^[ -~]+$/);
});
