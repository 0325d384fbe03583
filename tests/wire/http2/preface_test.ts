import { assertEquals } from "@std/assert";
import { encodeLatin1 } from "../../../lib/wire/http1/octets.ts";
import { beginsHttp2, PREFACE } from "../../../lib/wire/http2/preface.ts";

Deno.test("beginsHttp2() tells as early as can be told", () => {
  const begins = (text: string) => beginsHttp2(encodeLatin1(text));
  assertEquals(["", "P", "PR", "PU", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r"].map(begins), [
    "more",
    "more",
    "more",
    "no",
    "more",
  ]);
  assertEquals([begins("GET / HTTP/1.1\r\n"), beginsHttp2(PREFACE)], ["no", "yes"]);
  assertEquals(begins("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nmore"), "yes");
});
