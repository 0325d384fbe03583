import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  ERROR_REASON_NAMES,
  type ErrorReason,
  reasonOf,
  reasonOfStatus,
} from "../../../lib/ingress/seen/error_reason.ts";

const STATUSES: Readonly<Record<ErrorReason, number>> = {
  "bad-request": 400,
  "no-route": 404,
  "method-refused": 405,
  "request-timeout": 408,
  "content-too-large": 413,
  "target-too-long": 414,
  "unmet-expectation": 417,
  "misdirected": 421,
  "rate-limited": 429,
  "fields-too-large": 431,
  "client-gone": 499,
  "not-implemented": 501,
  "unknown-version": 505,
  "unreachable-replica": 502,
  "no-answer": 502,
  "malformed-answer": 502,
  "no-ready-replica": 503,
  "queue-timeout": 503,
  "queue-full": 503,
  "in-flight-limit": 503,
  "stopping": 503,
  "late-answer": 504,
  "late-end": 504,
};

Deno.test("each reason has its status, a title and words of its own", () => {
  assertEquals(Object.fromEntries(ERROR_REASON_NAMES.map((name) => [name, reasonOf(name).status])), STATUSES);
  const details = ERROR_REASON_NAMES.map((name) => reasonOf(name).detail);
  assertEquals(new Set(details).size, details.length);
  for (const name of ERROR_REASON_NAMES) {
    assertMatch(reasonOf(name).title, /^(?!Error$)[A-Z]/);
    assertMatch(name, /^[a-z-]+$/);
  }
});

Deno.test("what passes is 503 or 429, and all of these pass", () => {
  for (const name of ERROR_REASON_NAMES) {
    const { status, isPassing } = reasonOf(name);
    assertEquals(isPassing, status === 503 || status === 429);
  }
});

Deno.test("reasonOfStatus() knows the statuses that requests are refused with", () => {
  const statuses = [400, 408, 413, 414, 417, 431, 501, 505] as const;
  assert(statuses.every((status) => reasonOf(reasonOfStatus(status)).status === status));
});
