import { assert, assertEquals } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";

const path = "/v1/services/web/logs";

function line(slot: number, second: number, text: string): string {
  const time = `2026-03-01T12:00:0${second}.000Z`;
  return `${JSON.stringify({ time, stream: "out", replica: "r", line: text, name: `web.${slot}`, slot })}\n`;
}

Deno.test({
  name: "logs puts the lines of all replicas in the order of their times, each with its name",
  ignore: !granted,
  fn: async () => {
    let query = "";
    await using fake = fakeController({
      [path]: ({ url }) => {
        query = new URL(url).search;
        return new Response(line(0, 1, "a") + line(0, 3, "c") + line(11, 2, "\x1b[2Jb\tb"));
      },
    });
    const { code, out } = await run(["logs", "web", "--tail", "5", "--server", fake.server]);
    assertEquals([code, out], [0, "web.0 | a\nweb.11 | b\\tb\nweb.0  | c\n"]);
    assertEquals(query, "?tail=5&follow=false");
  },
});

Deno.test({
  name: "logs -o json passes each line on as an object",
  ignore: !granted,
  fn: async () => {
    await using fake = fakeController({ [path]: () => new Response(line(0, 1, "a")) });
    const { out } = await run(["logs", "web", "-o", "json", "--server", fake.server]);
    assertEquals(out, line(0, 1, "a"));
  },
});

Deno.test({
  name: "logs -f shows lines as they come and ends with 130 when it is interrupted",
  ignore: !granted,
  fn: async () => {
    const ending = new AbortController();
    const lines = new TransformStream<Uint8Array, Uint8Array>();
    const writer = lines.writable.getWriter();
    // The reader's leaving fails a write that is under way.
    writer.closed.catch(() => {});
    await using fake = fakeController({ [path]: () => new Response(lines.readable) });
    writer.write(new TextEncoder().encode(line(0, 1, "a"))).catch(() => {});
    const { code, out } = await run(["logs", "web", "-f", "--server", fake.server], {
      signal: ending.signal,
      onOut: () => ending.abort(),
    });
    assertEquals([code, out], [130, "web.0 | a\n"]);
  },
});

Deno.test({
  name: "logs -f says that the controller went away and exits with 8",
  ignore: !granted,
  fn: async () => {
    await using fake = fakeController({ [path]: () => new Response(line(0, 1, "a")) });
    const { code, out, errors } = await run(["logs", "web", "-f", "--server", fake.server]);
    assertEquals([code, out], [8, "web.0 | a\n"]);
    assert(errors.includes("it ended the stream"));
  },
});
