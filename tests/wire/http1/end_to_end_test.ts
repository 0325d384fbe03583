import { assertEquals } from "@std/assert";
import { endToEndFields } from "../../../lib/wire/http1/end_to_end.ts";

Deno.test("endToEndFields() drops the fields of the connection and what Connection names", () => {
  const kept = endToEndFields([
    ["Host", "a"],
    ["Connection", "close, X-Secret"],
    ["x-secret", "1"],
    ["Keep-Alive", "timeout=5"],
    ["Proxy-Connection", "keep-alive"],
    ["Proxy-Authorization", "Basic eA=="],
    ["TE", "trailers"],
    ["Upgrade", "h2c"],
    ["Transfer-Encoding", "chunked"],
    ["aCCept", "*/*"],
  ]);
  assertEquals(kept, [["Host", "a"], ["aCCept", "*/*"]]);
});

Deno.test("endToEndFields() lets Connection not name what guards a request", () => {
  const guarded = [["Host", "a"], ["Content-Length", "1"], ["Authorization", "b"], ["X-Forwarded-For", "c"]] as const;
  const names = guarded.map(([name]) => name).join(", ");
  assertEquals(endToEndFields([...guarded, ["Connection", names]]), guarded.map((field) => [...field]));
});

Deno.test("endToEndFields() drops look-alikes with underscores", () => {
  assertEquals(endToEndFields([["Transfer_Encoding", "chunked"], ["Content_Length", "1"], ["a_b", "c"]]), [[
    "a_b",
    "c",
  ]]);
});
