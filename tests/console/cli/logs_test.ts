import { assertEquals, assertMatch } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, refusal, run } from "./fake_controller.ts";
import { answersOf, replicaView } from "./sample_cluster.ts";

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
      ...answersOf(),
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
    await using fake = fakeController({ ...answersOf(), [path]: () => new Response(line(0, 1, "a")) });
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
    await using fake = fakeController({ ...answersOf(), [path]: () => new Response(lines.readable) });
    writer.write(new TextEncoder().encode(line(0, 1, "a"))).catch(() => {});
    const { code, out } = await run(["logs", "web", "-f", "--server", fake.server], {
      signal: ending.signal,
      onOut: () => ending.abort(),
    });
    assertEquals([code, out], [130, "web.0 | a\n"]);
  },
});

Deno.test({
  name: "logs -f takes a lost connection up again, says so, and shows nothing twice",
  ignore: !granted,
  fn: async () => {
    const ending = new AbortController();
    const queries: string[] = [];
    // What lies in the file has no times of its own.
    const answers = [line(0, 1, "a") + line(0, 2, "b"), line(0, 5, "a") + line(0, 5, "b") + line(0, 5, "c")];
    await using fake = fakeController({
      ...answersOf(),
      [path]: ({ url }) => {
        queries.push(new URL(url).search);
        return new Response(answers.shift() ?? "");
      },
    });
    const { code, out, errors } = await run(["logs", "web", "-f", "--tail", "2", "--server", fake.server], {
      signal: ending.signal,
      onOut: (out) => out.includes("c") && ending.abort(),
    });
    assertEquals([code, out], [130, "web.0 | a\nweb.0 | b\nweb.0 | c\n"]);
    assertMatch(errors, /it ended the stream; trying again until Ctrl-C\nThe controller answers again/);
    assertEquals(queries, ["?tail=2&follow=true", "?tail=1000&follow=true"]);
  },
});

Deno.test({
  name: "logs of a replica asks for its lines alone, by its slot or by its id",
  ignore: !granted,
  fn: async () => {
    const { id } = replicaView();
    const asked: string[] = [];
    const plain = `${JSON.stringify({ time: "2026-03-01T12:00:01.000Z", stream: "err", replica: id, line: "a" })}\n`;
    await using fake = fakeController({
      ...answersOf(),
      [`/v1/replicas/${id}`]: () => Response.json(replicaView()),
      [`/v1/replicas/${id}/logs`]: ({ url }) => {
        asked.push(new URL(url).search);
        return new Response(plain);
      },
    });
    for (const called of ["web.0", id]) {
      const { code, out } = await run(["logs", called, "--stream", "err", "--server", fake.server]);
      assertEquals([code, out], [0, "web.0 | a\n"]);
    }
    assertEquals(asked, ["?stream=err&tail=100&follow=false", "?stream=err&tail=100&follow=false"]);
    assertEquals((await run(["logs", "web.7", "--server", fake.server])).code, 3);
  },
});

Deno.test({
  name: "logs of a service that isn't there exits with 3, also when it is to be followed",
  ignore: !granted,
  fn: async () => {
    await using fake = fakeController({ "/v1/services/nope": () => refusal(404, "there is no service nope") });
    for (const flags of [[], ["-f"]]) {
      assertEquals((await run(["logs", "nope", ...flags, "--server", fake.server])).code, 3);
    }
  },
});
