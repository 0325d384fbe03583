import { assertEquals, assertObjectMatch } from "@std/assert";
import { type Clock, systemClock } from "../../../lib/runtime/clock.ts";
import { readEventStream } from "../../../lib/wire/event_stream.ts";
import { WatchMessage } from "../../../lib/wire/watch.ts";
import { type CallOptions, type Harness, startApi } from "./harness.ts";

type Changes = Extract<WatchMessage, { kind: "changes" }>;

/** Reads what is told, one message after the other. */
class Reader implements AsyncDisposable {
  readonly #events: AsyncGenerator<{ data: string }>;

  constructor(response: Response) {
    this.#events = readEventStream(response.body!, { lineBytesMax: 1_000_000 });
  }

  static async of(harness: Harness, { after, ...options }: CallOptions & { after?: number } = {}): Promise<Reader> {
    return new Reader(await harness.call("GET", `/v1/watch${after === undefined ? "" : `?after=${after}`}`, options));
  }

  async next(): Promise<WatchMessage> {
    const { value, done } = await this.#events.next();
    if (done === true) throw new Error("the stream has ended");
    return WatchMessage.parse(JSON.parse(value.data));
  }

  /** The first message of changes for which that holds. */
  async until(holds: (changes: Changes) => boolean): Promise<Changes> {
    while (true) {
      const message = await this.next();
      if (message.kind === "changes" && holds(message)) return message;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#events.return(undefined);
  }
}

const web = { command: ["web"], replicas: 2 };

Deno.test("GET /v1/watch tells what there is, and then what changes", async () => {
  await using harness = await startApi();
  const node = await harness.addNode("one");
  await using reader = await Reader.of(harness);
  const first = await reader.next();
  assertObjectMatch(first, { kind: "snapshot", gone: false, cluster: { held_up: null } });
  assertEquals([first.services.map(({ name }) => name), first.nodes.map(({ id }) => id)], [["payload"], [node]]);
  assertEquals(first.events.at(-1)?.kind, "node_ready");

  await harness.call("PUT", "/v1/services/web", { body: web });
  const placed = await reader.until(({ replicas }) => replicas.length > 0);
  assertEquals(placed.replicas.map(({ name }) => name), ["web.0", "web.1"]);
  assertEquals(placed.nodes.map(({ replicas }) => replicas), [2]);
  assertEquals(placed.cluster?.revision, harness.api.state.revision);

  await harness.call("DELETE", "/v1/services/web");
  const removing = await reader.until(({ services }) => services.some(({ removed }) => removed));
  assertEquals(removing.services[0]?.name, "web");
});

Deno.test("GET /v1/watch goes on after the last event that the reader knows, and says what is gone", async () => {
  await using harness = await startApi();
  await harness.addNode("one");
  const { last } = harness.api.history;
  await harness.addNode("two");
  const snapshot = async (after: number) => {
    await using reader = await Reader.of(harness, { after });
    const first = await reader.next();
    return first.kind === "snapshot" ? { gone: first.gone, events: first.events.length } : undefined;
  };
  assertEquals(await snapshot(last), { gone: false, events: 2 });
  assertEquals(await snapshot(last + 1_000_000_000), { gone: true, events: harness.api.history.size });
  assertEquals((await harness.call("GET", "/v1/watch?after=x")).status, 400);
});

Deno.test("a token for some services sees these, and the nodes that carry them", async () => {
  await using harness = await startApi({ token: "root-token-of-enough-length-0123" });
  const asRoot = { headers: { authorization: "Bearer root-token-of-enough-length-0123" } };
  const made = await harness.call("POST", "/v1/tokens", {
    ...asRoot,
    body: { name: "ada", role: "viewer", services: ["web"] },
  });
  const { token } = await made.json();
  await harness.addNode("one");
  await using reader = await Reader.of(harness, { headers: { authorization: `Bearer ${token}` } });
  const first = await reader.next();
  assertEquals([first.services, first.nodes, first.replicas, first.events], [[], [], [], []]);

  const put = (name: string, cpu: number) =>
    harness.call("PUT", `/v1/services/${name}`, { ...asRoot, body: { ...web, resources: { cpu } } });
  await put("secret", 0.5);
  await put("web", 0.25);
  const changes = await reader.until(({ replicas }) => replicas.length > 0);
  assertEquals(changes.replicas.map(({ name }) => name), ["web.0", "web.1"]);
  assertEquals(changes.nodes.map(({ name, replicas, reserved }) => [name, replicas, reserved.cpu]), [["one", 2, 0.5]]);
  assertEquals(JSON.stringify(changes).includes("secret"), false);
});

Deno.test("the core keeps note of changes only while somebody watches", async () => {
  await using harness = await startApi();
  assertEquals(harness.api.state.touched, undefined);
  {
    await using reader = await Reader.of(harness);
    await reader.next();
    await using other = await Reader.of(harness);
    await other.next();
    assertEquals(harness.api.watch.size, 2);
    assertEquals(harness.api.streams.take("x", { ownMax: 1 }), "all_taken", "each takes a seat");
  }
  assertEquals([harness.api.state.touched, harness.api.watch.size], [undefined, 0]);
});

Deno.test("a reader that stands still gets a snapshot in the place of what it missed", async () => {
  // Between two messages there is no pause, so that many come soon.
  const sleep: Clock["sleep"] = (ms, options) => systemClock.sleep(ms <= 100 ? 0 : ms, options);
  await using harness = await startApi({ clock: { ...systemClock, sleep } });
  await harness.addNode("one");
  await using still = await Reader.of(harness);
  await using quick = await Reader.of(harness);
  await still.next();
  await quick.next();
  for (let round = 0; round < 100; round++) {
    await harness.call("PUT", "/v1/services/web", { body: { ...web, replicas: 1 + round % 2 } });
    await quick.next();
  }
  const kinds: string[] = [];
  while (kinds.at(-1) !== "snapshot") kinds.push((await still.next()).kind);
  assertEquals(kinds.length < 5, true, kinds.join());
});
