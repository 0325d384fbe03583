import { assertEquals, assertRejects } from "@std/assert";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { open } from "../../lib/wire/client/transport.ts";
import { granted } from "../support/granted.ts";

/** Collects garbage; undefined where this version of Deno has no way to. */
function collector(): (() => void) | undefined {
  setFlagsFromString("--expose-gc");
  return runInNewContext("globalThis.gc");
}

Deno.test({
  name: "a stream ends with its signal, also when garbage was collected since it was opened",
  ignore: !granted,
  fn: async () => {
    const endless = () => new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode("x")) });
    const server = Deno.serve({ port: 0, onListen: () => {} }, () => new Response(endless()));
    const leaving = new AbortController();
    const call = { method: "GET", path: "/", signal: leaving.signal } as const;
    const reader = (await open({ server: `http://127.0.0.1:${server.addr.port}` }, call)).getReader();
    assertEquals((await reader.read()).value?.length, 1);
    const next = reader.read();
    const ended = assertRejects(() => next, DOMException);
    await new Promise((resolve) => setTimeout(resolve, 0));
    collector()?.();
    leaving.abort();
    await ended;
    await server.shutdown();
  },
});
