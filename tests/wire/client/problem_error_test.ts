import { assertEquals } from "@std/assert";
import { ApiRefusal } from "../../../lib/wire/client/problem_error.ts";

const problem = { type: "x", title: "No", status: 400 };

Deno.test("a refusal lists its faults, unless the only one is what it says anyway", () => {
  const one = { pointer: "/replicas", detail: '"replicas": a whole number' };
  const whole = { ...problem, detail: '"replicas": a whole number; expected something like {"replicas":3}' };
  assertEquals(new ApiRefusal({ ...whole, errors: [one] }).message, whole.detail);
  const two = { pointer: "", detail: "it is too long" };
  assertEquals(
    new ApiRefusal({ ...whole, errors: [one, two] }).message,
    `${whole.detail}\n  /replicas: "replicas": a whole number\n  /: it is too long`,
  );
  assertEquals(new ApiRefusal({ ...problem, detail: "no", errors: [two] }).message, "no\n  /: it is too long");
});
