import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { summaryOf } from "../../../lib/controller/audit/summary.ts";

function summary(body: unknown, query = ""): string {
  return summaryOf({ query: new URLSearchParams(query), body: typeof body === "string" ? body : JSON.stringify(body) });
}

Deno.test("summaryOf() names what is asked for and its numbers", () => {
  assertEquals(summary({ service: "web", replicas: 5 }), "service=web replicas=5");
  assertEquals(summary("", "force=true&service=web"), "?force=true ?service=web");
  assertEquals(summary({ role: "operator", services: ["web-*", "db"] }), "role=operator services=web-*,db");
  assertEquals(summary([{ name: "web" }, { name: "db" }]), "(2 items: web,db)");
  assertEquals(summary(""), "");
});

Deno.test("summaryOf() shows of a service's spec names and sizes only", () => {
  const spec = {
    name: "web",
    command: ["web", "--password=hunter2"],
    env: { DB_PASSWORD: "hunter2" },
    files: { "app.conf": { template: "key hunter2" } },
    replicas: 3,
  };
  assertEquals(summary(spec), "name=web command=(2 items) env={DB_PASSWORD} files={app.conf} replicas=3");
});

Deno.test("summaryOf() shows of a URL only where it leads", () => {
  const url = "https://alice:hunter2@10.0.0.5:9090/hunter2?key=hunter2";
  assertEquals(summary({ url }), "url=https://10.0.0.5:9090");
  assertEquals(summary({ url: "hunter2" }), 'url="(7 characters)"');
});

Deno.test("summaryOf() says of a body that is no JSON how large it is", () => {
  assertEquals(summary("password=hunter2"), "16 bytes");
  assertEquals(summary("3"), "(number)");
});

Deno.test("summaryOf() never shows a value under a key that isn't on its list", () => {
  const keys = [
    "token",
    "secret",
    "password",
    "csr",
    "credential",
    "authorization",
    "env",
    "labels",
    "template",
    "Name",
  ];
  fc.assert(fc.property(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 1 }), (key, deep) => {
    for (const value of ["hunter2", ["hunter2"], { x: "hunter2" }, { x: ["hunter2", deep] }]) {
      assert(!summary({ [key]: value }).includes("hunter2"));
      assert(!summary({ name: { deep: value }, service: [value, 1] }).includes("hunter2"));
    }
  }));
});

Deno.test("summaryOf() stays short and on one line, whatever is in the body", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
    const text = summary(body);
    assert(!text.includes("\n"));
    assert(text.length < 40_000);
  }));
  assertEquals(summary({ name: "x".repeat(200) }).length, "name=".length + 80);
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, nth) => [`key${nth}`, nth]));
  assert(summary(many).endsWith("and 10 more"));
});
