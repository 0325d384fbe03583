import { assertEquals, assertMatch } from "@std/assert";
import { ExpiryWarnings } from "../../../lib/ingress/tls/expiry_warnings.ts";
import { logged } from "./logged.ts";

const DAY_MS = 86_400_000;

Deno.test("ExpiryWarnings says once each 14 days and one day before, and when it is too late", () => {
  const warnings = new ExpiryWarnings();
  const expiresMs = 100 * DAY_MS;
  const saidAt = (day: number) =>
    logged(() => warnings.check([{ name: "a", expiresMs }], day * DAY_MS)).map(({ level }) => level).join();
  assertEquals([50, 85.9, 86, 86.1, 98, 99, 99.5, 100, 150].map(saidAt), [
    "",
    "",
    "warn",
    "",
    "",
    "warn",
    "",
    "error",
    "",
  ]);
});

Deno.test("ExpiryWarnings warns of each certificate, and anew of one that was renewed for a short time", () => {
  const warnings = new ExpiryWarnings();
  const names = (expiries: { name: string; expiresMs: number }[]) =>
    logged(() => warnings.check(expiries, 0)).map(({ text }) => text).join("");
  assertMatch(names([{ name: "a", expiresMs: DAY_MS }, { name: "b", expiresMs: DAY_MS }]), /"a".*\n.*"b"/);
  assertEquals(names([{ name: "a", expiresMs: DAY_MS }]), "");
  assertMatch(names([{ name: "a", expiresMs: 2 * DAY_MS }, { name: "b", expiresMs: DAY_MS }]), /"a".*\n.*"b"/);
});
