import { assertEquals } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";

function event(id: number) {
  return {
    id,
    time: `2026-03-01T12:00:0${id}.5Z`,
    kind: "x",
    severity: id === 2 ? "warn" : "info",
    text: `event ${id}`,
  };
}

const list = { events: [event(1), event(2)], last: 2, gone: false };

Deno.test({
  name: "events shows what happened, oldest first, and warnings in colour on a terminal",
  ignore: !granted,
  fn: async () => {
    await using fake = fakeController({ "/v1/events": () => Response.json(list) });
    const line = ["events", "--server", fake.server];
    assertEquals((await run(line)).out, "2026-03-01 12:00:01  event 1\n2026-03-01 12:00:02  event 2\n");
    const { out } = await run(line, { terminal: { width: 80, colours: true } });
    assertEquals(out.includes("\x1b[33mevent 2\x1b[39m"), true);
    assertEquals((await run([...line, "-o", "json"])).out.split("\n").length, 3);
  },
});

Deno.test({
  name: "events -f goes on behind the list, over comments and events of other names",
  ignore: !granted,
  fn: async () => {
    const ending = new AbortController();
    const asked: string[] = [];
    const stream = `: hello\n\nevent: gone\ndata: {"after":2}\n\nid: 3\ndata: ${JSON.stringify(event(3))}\n\n`;
    await using fake = fakeController({
      "/v1/events": ({ url, headers }) => {
        asked.push(new URL(url).search);
        return headers.get("accept") === "text/event-stream" ? new Response(stream) : Response.json(list);
      },
    });
    const { code, out } = await run(["events", "-f", "--tail", "0", "--server", fake.server], {
      signal: ending.signal,
      onOut: () => ending.abort(),
    });
    assertEquals([code, out], [130, "2026-03-01 12:00:03  event 3\n"]);
    assertEquals(asked, ["?limit=1", "?after=2"]);
  },
});
