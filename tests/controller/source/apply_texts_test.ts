import { assertEquals, assertStringIncludes } from "@std/assert";
import { applierOf } from "../../../lib/controller/source/apply_texts.ts";
import { release } from "../../../lib/controller/change/release.ts";
import { AuditFailedError } from "../../../lib/controller/audit/audit_log.ts";
import type { AuditEntry } from "../../../lib/wire/audit.ts";
import { granted } from "../../support/granted.ts";
import { NO_ARTIFACTS } from "../../support/no_artifacts.ts";
import { type Harness, startApi } from "../api/harness.ts";

const SIGNAL = new AbortController().signal;

const NONE = new Map<string, number>();

type Api = Harness["api"];

/** The parser looks for a variable of its own. */
function test(name: string, fn: (api: Api) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !granted,
    fn: async () => {
      await using harness = await startApi();
      await fn(harness.api);
    },
  });
}

/** Applies texts, each under a name of its own. */
function apply(api: Api, ...texts: string[]) {
  return look(api, { texts, isFirst: true });
}

function look(api: Api, { texts, isFirst }: { texts: string[]; isFirst: boolean }) {
  const named = texts.map((text, at) => ({ name: `${at + 1}.yaml`, text }));
  return applierOf(api)({ source: "specs", texts: named, isFirst }, { signal: SIGNAL });
}

test("applierOf() applies all texts at once, in the name of the file, and says what that changed", async (api) => {
  const web = "name: web\ncommand: [payload]\nreplicas: 2\n";
  assertEquals(await apply(api, web, "name: api\ncommand: [payload]\n---\nname: db\ncommand: [payload]\n"), {
    kind: "applied",
    changed: ["web", "api", "db"],
    left: NONE,
  });
  const before = api.state.revision;
  assertEquals(await apply(api, web), { kind: "applied", changed: [], left: NONE });
  assertEquals(api.state.revision, before);
  const more = web.replace("2", "3");
  assertEquals(await apply(api, more), { kind: "applied", changed: ["web"], left: NONE });
  assertEquals(api.state.services.get("web")?.record.desired, 3);
  assertEquals([...api.state.services.keys()].includes("db"), true, "what is not in the texts stays");
  assertEquals(api.state.services.get("web")?.record.by, "file specs");
});

test("applierOf() waits for an artifact that was not uploaded yet, and changes nothing until it is", async (api) => {
  const text = `name: web\ncommand: [run]\nartifact: {sha256: ${"a".repeat(64)}}\n`;
  const outcome = await apply(api, text);
  assertStringIncludes(outcome.kind === "later" ? outcome.reason : "", "upload it first: controller deploy <dir>");
  assertEquals(api.state.services.has("web"), false);
  api.artifacts = { ...NO_ARTIFACTS, renew: () => true };
  assertEquals(await apply(api, text), { kind: "applied", changed: ["web"], left: NONE });
});

test("applierOf() refuses all texts for a fault in one, names each fault's place, and changes nothing", async (api) => {
  const before = api.state.revision;
  const outcome = await apply(api, "name: web\ncommand: [payload]\n", "name: api\ncomand: [payload]\n");
  assertEquals(outcome.kind, "refused");
  const reason = outcome.kind === "refused" ? outcome.reason : "";
  assertStringIncludes(reason, "2.yaml, line 2, column 1");
  assertStringIncludes(reason, "comand");
  assertEquals(api.state.revision, before);
  const many = await apply(api, ...Array.from({ length: 9 }, () => "- 1"));
  assertStringIncludes(many.kind === "refused" ? many.reason : "", "and 4 more");
});

test("applierOf() refuses a service that two files describe, and names both", async (api) => {
  const web = "name: web\ncommand: [payload]\n";
  const outcome = await apply(api, web, web);
  assertEquals(outcome, {
    kind: "refused",
    reason: "2.yaml: service web is also in 1.yaml; leave one of them out",
  });
});

test("applierOf() records a write as one of the file, and does not make one that can't be recorded", async (api) => {
  const entries: AuditEntry[] = [];
  api.audit.append = (entry) => Promise.resolve(void entries.push(entry));
  await apply(api, "name: web\ncommand: [payload]\n");
  const told = entries.map((entry) => "who" in entry ? `${entry.kind} ${entry.who} ${entry.path}` : entry.kind);
  assertEquals(told, ["asked file specs /v1/apply", "answered file specs /v1/apply"]);

  const before = api.state.revision;
  api.audit.append = () => Promise.reject(new AuditFailedError("no space"));
  const outcome = await apply(api, "name: api\ncommand: [payload]\n");
  assertEquals([outcome.kind, api.state.revision], ["later", before]);
});

test("applierOf() leaves at the start what was given up as it is, applies the rest, and tries it again when it changed", async (api) => {
  const web = "name: web\ncommand: [payload]\n";
  const bad = `${web}env: { BAD: "1" }\n`;
  await apply(api, web);
  await apply(api, bad);
  const service = () => api.state.services.get("web")!;
  // As the loop does where a release fails.
  const spec = service().record.history.at(-1)!.spec;
  const origin = { at: new Date(0).toISOString(), by: "muster", cause: "rollback" as const };
  await api.store.append(release(api.state, spec, origin).changes);
  await api.until(() => service().record.generation === 3, 1_000);

  const other = "name: api\ncommand: [payload]\n";
  assertEquals(await apply(api, bad, other), { kind: "applied", changed: ["api"], left: new Map([["web", 2]]) });
  assertEquals(service().record.generation, 3);
  assertEquals(await apply(api, bad.replace("BAD", "GOOD")), { kind: "applied", changed: ["web"], left: NONE });
  // Whoever writes it into the file once more wants it.
  assertEquals(await look(api, { texts: [bad], isFirst: false }), { kind: "applied", changed: ["web"], left: NONE });
  assertEquals(await apply(api, bad), { kind: "applied", changed: [], left: NONE });
});

test("applierOf() refuses texts that give a TCP port to two services", async (api) => {
  const outcome = await apply(
    api,
    "{name: web, command: [x], tcp: [{port: 5}]}",
    "{name: db, command: [x], tcp: [{port: 5}]}",
  );
  assertEquals(outcome.kind, "refused");
  assertStringIncludes(outcome.kind === "refused" ? outcome.reason : "", "port 5 of the ingress can't lead to db: web");
  assertEquals(api.state.services.has("web"), false);
});
