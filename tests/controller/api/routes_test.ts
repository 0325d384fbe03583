import { createHash } from "node:crypto";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as z from "zod";
import { ROUTES } from "../../../lib/controller/api/routes.ts";
import { CALLS } from "../../../lib/wire/contract/calls.ts";
import { CONTRACT } from "../../../lib/wire/contract/contract.ts";
import type { Operation } from "../../../lib/wire/contract/operation.ts";
import { granted } from "../../support/granted.ts";
import { startApi } from "./harness.ts";

const SLIP = '{"dry_runn":true}';
/** What it would have to be called by, where bodies are called by their digests. */
const DIGEST = createHash("sha256").update(SLIP).digest("hex");

/** What people look at in a browser. */
const PAGES = ["/openapi.json", "/docs", "/docs/docs.css", "/docs/docs.js"];

Deno.test("each operation of the contract has exactly one route, and each route but the pages an operation", () => {
  const routed = ROUTES.flatMap(({ operation }) => operation ?? []);
  assertEquals(routed.toSorted(), Object.keys(CALLS).sort());
  const others = ROUTES.filter(({ operation }) => operation === undefined);
  assertEquals(others.map(({ method, path }) => `${method} ${path}`), PAGES.map((path) => `GET ${path}`));
});

Deno.test("no two routes have the same method and path", () => {
  const all = ROUTES.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ":")}`);
  assertEquals(new Set(all).size, all.length);
});

Deno.test("an operation with a strict body refuses an unknown field and names it", { ignore: !granted }, async () => {
  await using harness = await startApi();
  const node = await harness.addNode("a");
  const strict = Object.entries(CONTRACT).flatMap(([name, { body }]: [string, Operation]) =>
    body?.schema instanceof z.ZodObject && body.schema.def.catchall instanceof z.ZodNever
      ? [name as keyof typeof CALLS]
      : []
  );
  // Where nodes have no identities there is nothing to join.
  const asked = strict.filter((name) => !["join", "renew", "createJoinToken"].includes(name));
  assert(asked.length >= 8, asked.join(" "));
  for (const name of asked) {
    const [method, path] = CALLS[name];
    const filled = path.replace("{name}", "payload").replace("{id}", node).replace("{digest}", DIGEST);
    const response = await harness.call(method, filled, { body: SLIP });
    assertEquals(response.status, 400, name);
    assertStringIncludes((await response.json()).detail, "dry_runn", name);
  }
});
