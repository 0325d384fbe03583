import { assertEquals } from "@std/assert";
import { type FailedAttempt, isRepeatable, mayTryAgain } from "../../../lib/ingress/balance/retry_policy.ts";

type Sent = FailedAttempt["sent"];

/** A budget for so many retries, which counts them. */
function budgetOf(count: number): { left: number; spend: () => boolean } {
  return {
    left: count,
    spend() {
      if (this.left === 0) return false;
      this.left--;
      return true;
    },
  };
}

function isTriedAgain(attempt: Partial<FailedAttempt>, { retriesMax = 2, budget = budgetOf(1) } = {}): boolean {
  const failed: FailedAttempt = { failure: "closed", method: "GET", sent: "head", retries: 0, ...attempt };
  return mayTryAgain(failed, { retriesMax, budget, nowMs: 0 });
}

const cases: [method: string, sent: Sent, isRepeatable: boolean][] = [
  ...["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].flatMap((method): [string, Sent, boolean][] => [
    [method, "nothing", true],
    [method, "head", true],
    [method, "content", false],
  ]),
  ...["POST", "PATCH", "CONNECT", "LOCK", "get", "Put", "constructor"].flatMap((method): [string, Sent, boolean][] => [
    [method, "nothing", true],
    [method, "head", false],
    [method, "content", false],
  ]),
];

for (const [method, sent, expected] of cases) {
  Deno.test(`${method} of which ${sent} was sent is ${expected ? "" : "not "}sent again after a lost connection`, () => {
    assertEquals(isRepeatable(method, sent), expected);
    assertEquals(isTriedAgain({ method, sent, failure: "closed" }), expected);
  });
}

Deno.test("any request is tried again when no connection came about", () => {
  assertEquals(isTriedAgain({ failure: "connect", method: "POST", sent: "nothing" }), true);
});

Deno.test("what is late or can't be read is answered for, not tried again", () => {
  assertEquals(isTriedAgain({ failure: "late" }), false);
  assertEquals(isTriedAgain({ failure: "malformed" }), false);
});

Deno.test("a request is tried again only so often", () => {
  assertEquals([0, 1, 2].map((retries) => isTriedAgain({ retries })), [true, true, false]);
  assertEquals(isTriedAgain({}, { retriesMax: 0 }), false);
});

Deno.test("what was never sent costs nothing of the retry budget, and is bounded all the same", () => {
  const budget = budgetOf(0);
  const unsent = { failure: "connect", sent: "nothing" } as const;
  assertEquals([0, 1, 2].map((retries) => isTriedAgain({ ...unsent, retries }, { budget })), [true, true, false]);
});

Deno.test("the retry budget bounds all, and pays for what is tried again only", () => {
  const budget = budgetOf(1);
  isTriedAgain({ method: "POST" }, { budget });
  isTriedAgain({ retries: 2 }, { budget });
  assertEquals(budget.left, 1);
  assertEquals([isTriedAgain({}, { budget }), isTriedAgain({}, { budget })], [true, false]);
});
