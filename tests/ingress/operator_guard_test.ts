import { assertEquals } from "@std/assert";
import { sandboxed, withoutCredentials } from "../../lib/ingress/operator_guard.ts";
import type { Field } from "../../lib/wire/http1/fields.ts";

const SANDBOX: Field = ["content-security-policy", "sandbox allow-scripts allow-forms"];

Deno.test("withoutCredentials() removes Authorization", () => {
  assertEquals(withoutCredentials([["authorization", "Bearer x"], ["accept", "*/*"]]), [["accept", "*/*"]]);
});

Deno.test("withoutCredentials() removes the operator's cookie wherever it stands, and no other", () => {
  const cases: [string, Field[]][] = [
    ["muster_session=s", []],
    ["a=1; muster_session=s; b=2", [["cookie", "a=1; b=2"]]],
    ["a=1;muster_session=s", [["cookie", "a=1"]]],
    ["a=1, muster_session=s", [["cookie", "a=1"]]],
    ["muster_session =s; muster_session=t; b=2", [["cookie", "b=2"]]],
    ["muster_session", []],
    ["x_muster_session=1; muster_sessions=2", [["cookie", "x_muster_session=1; muster_sessions=2"]]],
    ["a=1,2", [["cookie", "a=1,2"]]],
  ];
  for (const [given, kept] of cases) assertEquals(withoutCredentials([["cookie", given]]), kept, given);
});

Deno.test("sandboxed() adds its policy beside the replica's own", () => {
  const own: Field = ["content-security-policy", "default-src 'self'"];
  assertEquals(sandboxed([own]), [own, SANDBOX]);
});

Deno.test("sandboxed() removes what would act on the whole origin", () => {
  const given: Field[] = [
    ["clear-site-data", '"*"'],
    ["strict-transport-security", "max-age=1"],
    ["alt-svc", 'h3=":1"'],
    ["service-worker-allowed", "/"],
    ["set-cookie", "muster_session=forged; Path=/"],
    ["set-cookie", "a=muster_session"],
  ];
  assertEquals(sandboxed(given), [["set-cookie", "a=muster_session"], SANDBOX]);
});
