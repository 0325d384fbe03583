import { assertEquals, assertMatch } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";
import { eventView, nodeView } from "./sample_cluster.ts";

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

Deno.test({
  name: "events -f goes on behind the last event when the connection was lost, and says what is gone",
  ignore: !granted,
  fn: async () => {
    const ending = new AbortController();
    const asked: string[] = [];
    const gone = `event: gone\ndata: {"after":3,"oldest":9}\n\n`;
    const streams = [3, 9].map((id) => `${id === 9 ? gone : ""}id: ${id}\ndata: ${JSON.stringify(event(id))}\n\n`);
    await using fake = fakeController({
      "/v1/events": ({ url, headers }) => {
        const { search } = new URL(url);
        const isStream = headers.get("accept") === "text/event-stream";
        asked.push(`${isStream ? "stream" : "list"}${search}`);
        if (isStream) return new Response(streams.shift());
        return Response.json(list);
      },
    });
    const { code, out, errors } = await run(["events", "-f", "--tail", "0", "--server", fake.server], {
      signal: ending.signal,
      onOut: (out) => out.includes("event 9") && ending.abort(),
    });
    assertEquals([code, out.match(/event \d/g)], [130, ["event 3", "event 9"]]);
    assertEquals(asked, ["list?limit=1", "stream?after=2", "list?limit=1", "stream?after=3"]);
    assertMatch(errors, /it ended the stream; trying again/);
    assertMatch(errors, /no longer kept: what follows begins later/);
  },
});

Deno.test({
  name: "events of a service or a node leaves out what is about others",
  ignore: !granted,
  fn: async () => {
    const events = [
      eventView({}, { id: 1 }),
      eventView({}, { id: 2, service: "db", text: "db.0 is ready" }),
      eventView({}, { id: 3, node: "another", text: "web.1 is ready" }),
    ];
    await using fake = fakeController({
      "/v1/events": () => Response.json({ events, last: 3, gone: false }),
      "/v1/nodes/n1": () => Response.json(nodeView()),
    });
    const shown = async (...flags: string[]) => (await run(["events", ...flags, "--server", fake.server])).out;
    assertEquals((await shown("--service", "web")).match(/web\.\d/g), ["web.0", "web.1"]);
    assertEquals((await shown("--node", "n1")).match(/(web|db)\.\d/g), ["web.0", "db.0"]);
    assertEquals((await shown("--node", "n1", "--service", "web", "--tail", "1")).match(/(web|db)\.\d/g), ["web.0"]);
    assertEquals((await run(["events", "--node", "n9", "--server", fake.server])).code, 3);
  },
});
