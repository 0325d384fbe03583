import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { WatchMessage } from "../../../../lib/wire/watch.ts";
import { granted } from "../../../support/granted.ts";
import { fakeController, refusal, run, watchStream } from "../fake_controller.ts";
import { snapshot } from "../../../support/views.ts";
import { changes, replica, service } from "../seen_views.ts";

const scale = () => Response.json({ service: "web", desired: 3, revision: 7 }, { status: 202 });
const LINE = ["scale", "web=3"];

/** A controller in which web is scaled, and what is seen of that. */
function scaling(...messages: readonly WatchMessage[]) {
  return fakeController({ "/v1/services/web/scale": scale, "/v1/watch": () => watchStream(...messages) });
}

const UNDER_WAY = [
  snapshot({ services: [service({ ready: 1, assigned: 3 })] }),
  changes({ services: [service({ ready: 2, assigned: 3 })] }),
  changes({ replicas: [replica()] }),
];
const DONE = changes({ services: [service()] });

Deno.test({
  name: "followUntil() writes a line for each change where nothing can be written over, and how long it took",
  ignore: !granted,
  fn: async () => {
    await using fake = scaling(...UNDER_WAY, DONE);
    const { code, out, errors } = await run([...LINE, "--server", fake.server]);
    assertEquals([code, out], [0, "web: 3 wanted, as of revision 7\n"]);
    assertMatch(
      errors,
      /^web {2}1\/3 ready\nweb {2}2\/3 ready\nweb {2}3\/3 ready\n✓ web {2}3 of 3 ready {2}\(\d.*\)\n$/,
    );
  },
});

Deno.test({
  name: "followUntil() writes one line over and over on a terminal, within its width",
  ignore: !granted,
  fn: async () => {
    await using fake = scaling(...UNDER_WAY, DONE);
    const terminal = { width: 16, colours: false, live: true };
    const { errors } = await run([...LINE, "--server", fake.server], { terminal });
    const [before, after = ""] = errors.split("\n");
    assertEquals(before?.split("\r\x1b[K").slice(0, 3), ["", "web  1/3 ready", "web  2/3 ready"]);
    assertStringIncludes(before ?? "", "✓ web  3 of 3 ready");
    assert(after.endsWith("\r\x1b[K"), "nothing stays under the last line");
  },
});

Deno.test({
  name: "an interruption leaves off watching, exits with 130 and says how to go on",
  ignore: !granted,
  fn: async () => {
    await using fake = scaling(...UNDER_WAY);
    const leaving = new AbortController();
    const { code, errors } = await run([...LINE, "--server", fake.server], {
      signal: leaving.signal,
      onErrors: (text) => text.includes("2/3") && leaving.abort(),
    });
    assertEquals(code, 130);
    assertStringIncludes(errors, "it goes on by itself. To watch it again:\n  controller wait --for ready web\n");
  },
});

Deno.test({
  name: "--timeout exits with 6 and says how to go on, also with --quiet",
  ignore: !granted,
  fn: async () => {
    await using fake = scaling(...UNDER_WAY);
    const { code, out, errors } = await run([...LINE, "--timeout", "200ms", "-q", "--server", fake.server]);
    assertEquals([code, out], [6, "web: 3 wanted, as of revision 7\n"]);
    assertEquals(
      errors,
      "Not done after 200 ms; it goes on by itself. To go on watching:\n  controller wait --for ready web\n",
    );
  },
});

Deno.test({
  name: "--no-wait and --detach watch nothing and say how to",
  ignore: !granted,
  fn: async () => {
    await using fake = fakeController({ "/v1/services/web/scale": scale });
    for (const flag of ["--no-wait", "--detach", "-d"]) {
      const { code, errors } = await run([...LINE, flag, "--server", fake.server]);
      assertEquals([code, errors], [0, "It goes on by itself. To watch it: controller wait --for ready web\n"]);
    }
  },
});

Deno.test({
  name: "a controller that has no watch is asked again and again",
  ignore: !granted,
  fn: async () => {
    let asked = 0;
    await using fake = fakeController({
      "/v1/services/web/scale": scale,
      "/v1/services/web": () => Response.json(service({ ready: ++asked, assigned: 3 })),
      "/v1/replicas": () => Response.json({ items: [replica()], next_cursor: null }),
    });
    const { code, errors } = await run([...LINE, "--server", fake.server]);
    assertEquals([code, asked], [0, 3]);
    assertMatch(errors, /^web {2}1\/3 ready\nweb {2}2\/3 ready\nweb {2}3\/3 ready\n✓/);
  },
});

Deno.test({
  name: "a controller that is away for a moment is waited for, and one that refuses is not",
  ignore: !granted,
  fn: async () => {
    const answers = [() => refusal(503, "it starts"), () => watchStream(snapshot({ services: [service()] }))];
    await using fake = fakeController({
      "/v1/services/web/scale": scale,
      "/v1/watch": () => (answers.shift() ?? (() => refusal(401, "who are you")))(),
    });
    const first = await run([...LINE, "--server", fake.server]);
    assertEquals(first.code, 0);
    assertMatch(first.errors, /^web {2}waiting for the controller: it starts\nweb {2}3\/3 ready\n✓/);
    assertEquals((await run([...LINE, "--server", fake.server])).code, 7);
  },
});

Deno.test({
  name: "a replica that crashes again and again ends it with 1 and its last lines, harmless for a terminal",
  ignore: !granted,
  fn: async () => {
    const crashed = replica({ ready: false, crashes: 3, reason: "exit code 1\x1b[2J" });
    const line = {
      time: "2026-03-01T12:00:00.000Z",
      stream: "err",
      replica: crashed.id,
      line: "no \x1b]0;x\x07database",
    };
    await using fake = fakeController({
      "/v1/services/web/scale": scale,
      "/v1/watch": () => watchStream(snapshot({ services: [service({ ready: 2 })], replicas: [crashed] })),
      [`/v1/replicas/${crashed.id}/logs`]: () => new Response(`${JSON.stringify(line)}\n`),
    });
    const { code, errors } = await run([...LINE, "--server", fake.server, "-q"]);
    assertEquals(code, 1);
    assertMatch(
      errors,
      /^✗ web\.0 crashed 3 times: exit code 1 .*\n {2}its last lines:\n {4}no database\n {2}It is tried/,
    );
  },
});

Deno.test({
  name: "what finds no place exits with 5 and gives each node's reason",
  ignore: !granted,
  fn: async () => {
    const stuck = service({ ready: 2, assigned: 2, waiting: ["web.2 waits: no node has room"] });
    await using fake = fakeController({
      "/v1/services/web/scale": scale,
      "/v1/watch": () => watchStream(snapshot({ services: [stuck] })),
      "/v1/explain/web": () =>
        Response.json({
          ...{ kind: "service", name: "web", summary: "", because: [], events: [], waits: stuck.waiting },
          nodes: [{ node: "alpha", reason: "needs 512 MiB\x1b[2J, it has 100 left" }],
        }),
    });
    const { code, errors } = await run([...LINE, "--server", fake.server]);
    assertEquals(code, 5);
    assertStringIncludes(errors, "✗ web: no place for 1 replica\n  alpha: needs 512 MiB, it has 100 left\n");
  },
});
