import { assertEquals, assertStringIncludes } from "@std/assert";
import { openFolderStore } from "../../../lib/controller/artifacts/folder_store.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { type ArtifactView, CHUNK_BYTES_MAX } from "../../../lib/wire/artifact.ts";
import { digestOf } from "../../../lib/wire/digest.ts";
import { artifactOf, type ArtifactParts } from "../../support/artifact_parts.ts";
import { granted } from "../../support/granted.ts";
import { type Harness, startApi } from "./harness.ts";

const SHOP = artifactOf({ "main.ts": "serve()", "public/a.txt": "a" });
const TOKEN = "an-administrators-token";

function test(name: string, fn: (harness: Harness, call: Asking) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !granted,
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "muster-artifacts-" });
      try {
        const artifacts = await openFolderStore(folder, { clock: systemClock, bytesMax: 10_000 });
        await using harness = await startApi({ artifacts, token: TOKEN });
        await fn(harness, (method, path, body, token = TOKEN) => asked(harness, { method, path, body, token }));
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** What may be in an answer. */
interface AnswerBody {
  type: string;
  detail: string;
  token: string;
  missing: string[];
  items: ArtifactView[];
  errors?: { pointer: string }[];
}
interface Answer {
  status: number;
  body: AnswerBody;
}
type Asking = (method: string, path: string, body?: unknown, token?: string) => Promise<Answer>;

async function asked(
  { call }: Harness,
  { method, path, body, token }: { method: string; path: string; body: unknown; token: string },
): Promise<Answer> {
  const response = await call(method, path, { body, headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text || "{}") };
}

async function give(call: Asking, { chunks, sha256, text }: ArtifactParts): Promise<Answer> {
  for (const [digest, bytes] of chunks) await call("PUT", `/v1/chunks/${digest}`, bytes);
  return await call("PUT", `/v1/artifacts/${sha256}`, text);
}

test(
  "an artifact is given chunk by chunk and then as a list, and is listed with the services that name it",
  async (_, call) => {
    const chunks = [...SHOP.chunks.keys()];
    assertEquals((await call("POST", "/v1/chunks/missing", { chunks })).body.missing, chunks);
    const [digest, bytes] = [...SHOP.chunks][0]!;
    assertEquals((await call("PUT", `/v1/chunks/${digest}`, bytes)).status, 201);
    assertEquals((await call("PUT", `/v1/chunks/${digest}`, bytes)).status, 204);
    assertEquals((await call("POST", "/v1/chunks/missing", { chunks })).body.missing, chunks.slice(1));
    const early = await call("PUT", `/v1/artifacts/${SHOP.sha256}`, SHOP.text);
    assertEquals([early.status, early.body.type], [409, "urn:muster:problem:chunks-missing"]);
    assertStringIncludes(early.body.detail, `1 of its chunks are missing: ${chunks[1]}`);

    assertEquals((await give(call, SHOP)).status, 201);
    assertEquals((await give(call, SHOP)).status, 200);
    const spec = { command: ["main.ts"], artifact: { sha256: SHOP.sha256 } };
    assertEquals((await call("PUT", "/v1/services/shop", spec)).status, 201);
    const { body: { items: [view] } } = await call("GET", "/v1/artifacts");
    assertEquals({ ...view!, created_at: "" }, {
      sha256: SHOP.sha256,
      files: 2,
      bytes: 8,
      created_at: "",
      services: ["shop"],
    });
    const list: unknown = (await call("GET", `/v1/artifacts/${SHOP.sha256}`)).body;
    assertEquals(list, SHOP.manifest);
    assertEquals((await call("GET", `/v1/artifacts/${"0".repeat(64)}`)).status, 404);
  },
);

test("what is not what its digest says is refused, and what is too large", async (_, call) => {
  const digest = "0".repeat(64);
  const wrong = await call("PUT", `/v1/chunks/${digest}`, new Uint8Array([1]));
  assertEquals([wrong.status, wrong.body.type], [400, "urn:muster:problem:digest-mismatch"]);
  assertEquals((await call("PUT", `/v1/chunks/${digestOf(new Uint8Array())}`, new Uint8Array())).status, 400);
  assertEquals((await call("PUT", `/v1/chunks/${digest}`, new Uint8Array(CHUNK_BYTES_MAX + 1))).status, 413);
  assertEquals((await call("PUT", `/v1/artifacts/${digest}`, SHOP.text)).status, 400);
});

test("a list that is no folder on every system is refused with what is wrong", async (_, call) => {
  const file = { size: 0, executable: false, chunks: [] };
  const detailOf = async (files: unknown[]) => {
    const text = new TextEncoder().encode(JSON.stringify({ files }));
    const { status, body } = await call("PUT", `/v1/artifacts/${digestOf(text)}`, text);
    return `${status} ${body.detail}`;
  };
  assertStringIncludes(
    await detailOf([{ ...file, path: "b" }, { ...file, path: "a" }]),
    "400 the files are to be sorted",
  );
  assertStringIncludes(await detailOf([{ ...file, path: "A/x" }, { ...file, path: "a" }]), '"A/" and "a" are the same');
  assertStringIncludes(await detailOf([{ ...file, path: "Ä" }, { ...file, path: "ä" }]), "are the same");
  assertStringIncludes(await detailOf([{ ...file, path: "../up" }]), "400 ");
  assertStringIncludes(await detailOf([{ ...file, path: "a", setuid: true }]), 'unknown field "setuid"');
  assertStringIncludes(await detailOf([{ ...file, path: "a", size: 9 }]), "can't have 9 bytes in 0 chunks");
  assertStringIncludes(await detailOf([]), "400 ");
});

test("when there is no room for an artifact that is said, and what is there stays", async (_, call) => {
  assertEquals((await give(call, SHOP)).status, 201);
  const bytes = new Uint8Array(11_000);
  const { status, body } = await call("PUT", `/v1/chunks/${digestOf(bytes)}`, bytes);
  assertEquals([status, body.type], [507, "urn:muster:problem:store-full"]);
  assertEquals((await call("GET", "/v1/artifacts")).body.items.length, 1);
});

test("a spec whose artifact was not uploaded is refused, to be put, applied and planned", async (_, call) => {
  const spec = { name: "shop", command: ["main.ts"], artifact: { sha256: SHOP.sha256 } };
  for (const [method, path] of [["PUT", "/v1/services/shop"], ["POST", "/v1/apply"], ["POST", "/v1/plan"]] as const) {
    const { status, body } = await call(method, path, spec);
    assertEquals([status, body.errors?.[0]?.pointer], [400, "/artifact/sha256"], path);
    assertStringIncludes(body.detail, "upload it first: controller deploy <dir>");
  }
  await give(call, SHOP);
  assertEquals((await call("POST", "/v1/plan", spec)).status, 200);
  assertEquals((await call("POST", "/v1/apply", spec)).status, 200);
  assertEquals(
    (await call("PUT", "/v1/services/shop", { ...spec, artifact: { url: "https://a.example/x" } })).status,
    400,
  );
});

test("a token for some services uploads for them, and sees nothing of what belongs to others", async (_, call) => {
  const made = await call("POST", "/v1/tokens", { name: "ci", role: "operator", services: ["web-*"], ttl: "1h" });
  const { token } = made.body;
  const viewer = await call("POST", "/v1/tokens", { name: "eye", role: "viewer", services: ["*"], ttl: "1h" });
  await give(call, SHOP);
  await call("PUT", "/v1/services/shop", { command: ["x"], artifact: { sha256: SHOP.sha256 } });
  const web = artifactOf({ "main.ts": "web" });
  const asCi: Asking = (method, path, body) => call(method, path, body, token);
  assertEquals((await give(asCi, web)).status, 201);
  const spec = { command: ["main.ts"], artifact: { sha256: web.sha256 } };
  assertEquals((await asCi("PUT", "/v1/services/web-1", spec)).status, 201);
  const { body: { items } } = await asCi("GET", "/v1/artifacts");
  assertEquals(items.map(({ sha256 }) => sha256), [web.sha256]);
  assertEquals((await asCi("GET", `/v1/artifacts/${SHOP.sha256}`)).status, 404);
  const chunk = new Uint8Array([1]);
  assertEquals((await call("PUT", `/v1/chunks/${digestOf(chunk)}`, chunk, viewer.body.token)).status, 403);
});

test("a written artifact is audited by digest and size alone", async (harness, call) => {
  const lines: string[] = [];
  harness.api.audit.append = (entry) => {
    if (entry.kind === "asked") lines.push(`${entry.method} ${entry.path} ${entry.what}`);
    return Promise.resolve();
  };
  await give(call, SHOP);
  const [digest] = [...SHOP.chunks.keys()];
  assertEquals(lines[0], `PUT /v1/chunks/${digest} 7 bytes`);
  assertEquals(lines.at(-1), `PUT /v1/artifacts/${SHOP.sha256} ${SHOP.text.length} bytes`);
});

test("a token for some services runs no artifact but its own: to know the digest is not enough", async (_, call) => {
  const tokenOf = async (name: string, services: string[]) =>
    (await call("POST", "/v1/tokens", { name, role: "operator", services, ttl: "1h" })).body.token;
  const mine = await tokenOf("mine", ["mine-*"]);
  const asMine: Asking = (method, path, body) => call(method, path, body, mine);
  const spec = { command: ["main.ts"], artifact: { sha256: SHOP.sha256 } };
  const seen = async (asker: Asking) => (await asker("GET", "/v1/artifacts")).body.items.map(({ sha256 }) => sha256);

  await give(call, SHOP);
  assertEquals([await seen(call), await seen(asMine)], [[SHOP.sha256], []], "what no service names yet");
  assertEquals((await asMine("GET", `/v1/artifacts/${SHOP.sha256}`)).status, 404);
  await call("PUT", "/v1/services/shop", spec);
  const asks = [["PUT", "/v1/services/mine-1"], ["POST", "/v1/apply"], ["POST", "/v1/plan"]] as const;
  for (const [method, path] of asks) {
    const { status, body } = await asMine(method, path, { ...spec, name: "mine-1" });
    assertEquals([status, body.type], [400, "urn:muster:problem:unknown-artifact"], path);
    assertStringIncludes(body.detail, "upload it first");
  }
  const ahead = await asMine("POST", "/v1/plan?before_upload=true", { ...spec, name: "mine-1" });
  assertEquals(ahead.status, 200, "planned before it is uploaded");

  // All of its chunks are known: the list alone is given, as deploy does it.
  assertEquals((await asMine("PUT", `/v1/artifacts/${SHOP.sha256}`, SHOP.text)).status, 200);
  assertEquals((await asMine("PUT", "/v1/services/mine-1", spec)).status, 201);
  assertEquals(await seen(asMine), [SHOP.sha256]);
  const other = await tokenOf("mine-too", ["mine-1"]);
  assertEquals(
    (await call("PUT", "/v1/services/mine-1", { ...spec, replicas: 2 }, other)).status,
    200,
    "its service's",
  );
  const stranger = await tokenOf("stranger", ["else-*"]);
  assertEquals((await call("GET", `/v1/artifacts/${SHOP.sha256}`, undefined, stranger)).status, 404);
});

test("a list of files that lie deeper than any folder is refused at once, however long", async (_, call) => {
  const within = "/a".repeat(509);
  const files = Array.from(
    { length: 2_000 },
    (_, at) => ({ path: `${1_000 + at}${within}`, size: 0, executable: false, chunks: [] }),
  );
  const text = new TextEncoder().encode(JSON.stringify({ files }));
  const { status, body } = await call("PUT", `/v1/artifacts/${digestOf(text)}`, text);
  assertEquals(status, 400);
  assertStringIncludes(body.detail, "a path within the folder");
});
