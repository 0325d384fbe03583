import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMANDS as CLI_COMMANDS } from "../../../lib/console/cli/commands.ts";
import { COMMANDS } from "../../../lib/controller/api/docs/commands.ts";
import { curlOf } from "../../../lib/controller/api/docs/curl.ts";
import { DOCS_CSS } from "../../../lib/controller/api/docs/docs_css.ts";
import { DOCS_JS } from "../../../lib/controller/api/docs/docs_js.ts";
import { markup, prose } from "../../../lib/controller/api/docs/markup.ts";
import { docsPage } from "../../../lib/controller/api/docs/page.ts";
import { CALLS } from "../../../lib/wire/contract/calls.ts";
import { documentOfAll } from "./documented.ts";
import { startApi } from "./harness.ts";

const EVIL = `<img src=x onerror="alert('1')">&`;

Deno.test("GET /docs is a page for everybody that needs nothing from elsewhere, and lets nothing in", async () => {
  await using harness = await startApi({ token: "correct-horse-battery" });
  const response = await harness.call("GET", "/docs");
  const page = await response.text();
  assertEquals([response.status, response.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
  const policy = response.headers.get("content-security-policy") ?? "";
  assertMatch(policy, /^default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';/);
  assert(!policy.includes("unsafe"));
  const loaded = [...page.matchAll(/ (?:src|href)="([^"#]+)"/g)].map(([, to]) => to);
  assertEquals([...new Set(loaded)].sort(), [
    "/docs/docs.css",
    "/docs/docs.js",
    "/openapi.json",
    "/schema/service.json",
    "data:,",
  ]);
  assert(!/<style|<script>| style=| on\w+=/.test(page));
  for (const [path, type] of [["/docs/docs.css", "text/css"], ["/docs/docs.js", "text/javascript"]] as const) {
    const file = await harness.call("GET", path);
    assertEquals([file.status, file.headers.get("content-type")], [200, `${type}; charset=utf-8`]);
    await file.body?.cancel();
  }
  assertEquals((await harness.call("GET", "/docs/nothing")).status, 401);
});

Deno.test("the page tells of every operation and every schema, and each of its links leads somewhere", () => {
  const page = docsPage(documentOfAll(), "http://127.0.0.1:8000");
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assertEquals(new Set(ids).size, ids.length);
  for (const name of Object.keys(CALLS)) assert(ids.includes(name), name);
  for (const name of Object.keys(documentOfAll().components.schemas)) assert(ids.includes(`schema-${name}`), name);
  for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) assert(ids.includes(id ?? ""), id);
});

Deno.test("style, script and frame of the page are small", () => {
  const { tags, info, ...rest } = documentOfAll();
  const empty = docsPage({ ...rest, info, tags, paths: {}, components: { ...rest.components, schemas: {} } }, "");
  assert(DOCS_CSS.length + DOCS_JS.length + empty.length < 30_000);
});

Deno.test("whatever is put into the page stays text", () => {
  const document = structuredClone(documentOfAll());
  const operation = document.paths["/v1/services/{name}"]?.get;
  assert(operation !== undefined);
  Object.assign(operation, { summary: EVIL, description: EVIL });
  operation.parameters.push({ name: EVIL, in: "query", description: EVIL, schema: { enum: [EVIL] } });
  document.components.schemas.Role = { type: "string", default: EVIL, description: EVIL, pattern: EVIL };
  const page = docsPage(document, `http://${EVIL}`);
  assert(!page.includes("<img"));
  assertStringIncludes(page, "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;");
});

Deno.test("markup`` escapes what is text, keeps what is HTML, and joins lists", () => {
  const bold = markup`<b title="${'"'}">${"a<b"}</b>`;
  assertEquals(bold.html, '<b title="&quot;">a&lt;b</b>');
  assertEquals(markup`<p>${[bold, bold]}${undefined}${3}</p>`.html, `<p>${bold.html}${bold.html}3</p>`);
  assertEquals(prose("a `b<c` d").html, "a <code>b&lt;c</code> d");
});

Deno.test("curlOf() gives a line that a shell takes as it is", () => {
  const [path, method] = ["/v1/services/{name}/scale", "POST"];
  const operation = structuredClone(documentOfAll().paths[path]?.post);
  assert(operation !== undefined);
  const line = () => curlOf({ method, path, operation }, "http://127.0.0.1:8000");
  assertEquals(line(), `curl http://127.0.0.1:8000/v1/services/web/scale \\\n  -d '{"replicas":3}'`);
  operation.requestBody = { required: true, content: { "application/json": { schema: {}, example: { a: "it's" } } } };
  assertStringIncludes(line(), `-d '{"a":"it'\\''s"}'`);
});

Deno.test("the commands that are shown are those of the command line", () => {
  const known = CLI_COMMANDS.map(({ name }) => name);
  for (const [name, line] of Object.entries(COMMANDS)) {
    assert(name in CALLS, name);
    assert(known.some((command) => `${line} `.startsWith(`controller ${command} `)), line);
  }
});
