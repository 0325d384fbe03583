import { assertEquals, assertMatch } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, refusal, run } from "./fake_controller.ts";
import { answersOf } from "./sample_cluster.ts";

Deno.test({
  name: "top elsewhere than on a terminal is one table: nodes with what is reserved beside what is used, then replicas",
  ignore: !granted,
  fn: async () => {
    await using fake = fakeController(answersOf());
    const { code, out } = await run(["top", "--server", fake.server]);
    assertEquals(code, 0);
    assertMatch(out, /^2026-03-01 12:00:05 UTC {2}1 node, 2 replicas, by cpu {2}no figures from n2\n/);
    assertMatch(out, /\nn1 +ready +0.75 +1.5\/4 +700 MiB +512 MiB\/8.0 GiB\n/);
    assertMatch(out, /\nweb.0 +n1 +0.25 +85 MiB\nweb.1 +n1 +– +–\n$/);
  },
});

Deno.test({
  name: "top asks for what was named, and sorts as was said",
  ignore: !granted,
  fn: async () => {
    let query = "";
    const answers = answersOf();
    await using fake = fakeController({
      ...answers,
      "/v1/usage": (request) => {
        query = new URL(request.url).search;
        return answers["/v1/usage"]!(request);
      },
    });
    const { out } = await run(["top", "--service", "web", "--sort", "name", "--server", fake.server]);
    assertEquals(query, "?service=web");
    assertMatch(out, /by name/);
  },
});

Deno.test({
  name: "top on a terminal that moves its cursor takes the screen and gives it back with the cursor",
  ignore: !granted,
  fn: async () => {
    const ending = new AbortController();
    await using fake = fakeController(answersOf());
    const { code, out } = await run(["top", "--server", fake.server], {
      terminal: { width: 80, colours: true, live: true },
      signal: ending.signal,
      onOut: (out) => out.includes("web.0") && ending.abort(),
    });
    assertEquals(code, 130);
    assertEquals([out.startsWith("\x1b[?1049h\x1b[?25l"), out.endsWith("\x1b[?25h\x1b[?1049l")], [true, true]);
  },
});

Deno.test({
  name: "top says before it takes the screen that a controller knows no usage",
  ignore: !granted,
  fn: async () => {
    await using fake = fakeController({
      ...answersOf(),
      "/v1/usage": () => refusal(404, "there is no /v1/usage here"),
    });
    const { code, out } = await run(["top", "--server", fake.server], {
      terminal: { width: 80, colours: true, live: true },
    });
    assertEquals([code, out], [3, ""]);
  },
});
