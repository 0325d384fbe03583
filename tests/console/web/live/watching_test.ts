/**
 * One watch stream for as long as a page is open: it breaks, it comes back, and the page is told.
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { type Connection, keepWatching, type Watching } from "../../../../lib/console/web/live/watching.ts";
import { ApiRefusal, Unreachable } from "../../../../lib/wire/client/problem_error.ts";
import type { WatchMessage } from "../../../../lib/wire/watch.ts";
import { eventView, snapshot } from "../../../support/views.ts";

type Watch = (after: number | undefined) => AsyncGenerator<WatchMessage>;

/** Follows streams until `enough` says so; gives what the page was told, and from where each stream was asked for. */
async function watched(streams: readonly Watch[], enough: (told: string[]) => boolean) {
  const ending = new AbortController();
  const told: string[] = [];
  const asked: (number | undefined)[] = [];
  let last: number | undefined;
  const tell = (what: string) => {
    told.push(what);
    if (enough(told)) ending.abort();
  };
  const watching: Watching = {
    client: {
      watch: ({ query }) => {
        const after = query?.after as number | undefined;
        asked.push(after);
        return (streams[asked.length - 1] ?? broken)(after);
      },
      getVersion: () => Promise.resolve({ version: "0.1.0", program: "muster-controller" as const }),
    },
    after: () => last,
    onMessage: (message) => {
      last = message.events.at(-1)?.id;
      tell(message.kind);
    },
    onConnection: (connection: Connection) =>
      tell(connection.state === "lost" ? `lost: ${connection.reason}` : connection.state),
    // No test waits: each pause is ended at once.
    wakeUp: (wake) => {
      const timer = setTimeout(wake, 0);
      return () => clearTimeout(timer);
    },
    signal: ending.signal,
  };
  await keepWatching(watching);
  return { told, asked };
}

async function* broken(): AsyncGenerator<WatchMessage> {
  yield* [];
  await Promise.resolve();
  throw new Unreachable("the line is cut");
}

async function* withEvent(id: number): AsyncGenerator<WatchMessage> {
  yield snapshot({ events: [eventView(id)] });
  await Promise.resolve();
  throw new Unreachable("the line is cut");
}

Deno.test("keepWatching() says that the connection is lost, opens it again after the last event, and recovers", async () => {
  const { told, asked } = await watched(
    [() => withEvent(7), broken, () => withEvent(8)],
    (told) => told.filter((what) => what === "live").length === 2,
  );
  assertEquals(told, [
    "connecting",
    "snapshot",
    "live",
    "lost: the line is cut",
    "lost: the line is cut",
    "snapshot",
    "live",
  ]);
  assertEquals(asked, [undefined, 7, 7]);
});

Deno.test("keepWatching() goes on after a controller that is too busy, and ends when a credential is asked for", async () => {
  const refused = (status: number) =>
    async function* (): AsyncGenerator<WatchMessage> {
      yield* [];
      await Promise.resolve();
      throw new ApiRefusal({ type: "urn:x", title: "No", status, detail: `status ${status}` });
    };
  const { told } = await watched([refused(503), () => withEvent(1)], (told) => told.includes("live"));
  assertEquals(told.slice(0, 2), ["connecting", "lost: status 503"]);
  await assertRejects(() => watched([refused(401)], () => false), ApiRefusal, "status 401");
});
