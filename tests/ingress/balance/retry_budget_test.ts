import { assertEquals } from "@std/assert";
import { RetryBudget } from "../../../lib/ingress/balance/retry_budget.ts";

function spent(budget: RetryBudget, nowMs: number): number {
  let count = 0;
  while (budget.spend(nowMs)) count++;
  return count;
}

Deno.test("a retry budget is ten, and a fifth of the requests", () => {
  const budget = new RetryBudget();
  assertEquals(spent(budget, 0), 10);
  for (let request = 0; request < 1_000; request++) budget.deposit();
  assertEquals(spent(budget, 1), 200);
});

Deno.test("a retry budget has its ten back after a while", () => {
  const budget = new RetryBudget();
  assertEquals(spent(budget, 0), 10);
  assertEquals(spent(budget, 9_999), 0);
  assertEquals(spent(budget, 10_000), 10);
});

Deno.test("a retry budget saves no more than a thousand", () => {
  const budget = new RetryBudget();
  for (let request = 0; request < 10_000; request++) budget.deposit();
  assertEquals(spent(budget, 0), 1_000);
});
