import { assert, assertEquals } from "@std/assert";
import { ErrorCode } from "../../../lib/wire/http2/error_code.ts";
import { granted } from "../../support/granted.ts";
import { data, END_HEADERS, headers, HELLO, join } from "../../wire/http2/frames.ts";
import { ANSWERED, BREAKING, FLOODS, HEAD, MALFORMED, NO_BEGINNINGS } from "./http2_bad_requests.ts";
import { Http2RawClient } from "./http2_raw_client.ts";
import { type Recorder, startRecorder } from "./recorder.ts";
import { startTlsEngine, type TlsEngineRig } from "./tls_rig.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `the engine ${name}`, ignore: !granted, fn });
}

const GOOD = headers(3, [...HEAD.slice(0, 3), [":path", "/good"]]);
const FLOOD_FRAMES = 4_000;
/** What may be under way of one connection, and what may be reset of it at once. */
const REACHED_MAX = 128 + 200;

/** In frames: twice what a stream may send before it is taken, so that it doesn't matter what is kept of it. */
const WINDOWS_FULL = 16;

interface Scene {
  replica: Recorder;
  rig: TlsEngineRig;
}

/** An engine with a client that is served before, and after it. */
async function withOther(play: (scene: Scene) => Promise<void>): Promise<void> {
  await using replica = startRecorder();
  await using rig = await startTlsEngine([replica]);
  using other = await Http2RawClient.connect(rig);
  await other.send(join(HELLO, headers(1, [...HEAD.slice(0, 3), [":path", "/before"]])));
  await other.until("stream 1: 200");
  replica.forget();
  await play({ replica, rig });
  await other.send(headers(3, [...HEAD.slice(0, 3), [":path", "/after"]]));
  await other.until("stream 3: 200");
}

for (const [what, sent] of Object.entries(MALFORMED)) {
  test(`resets the stream of a request over HTTP/2 with ${what}, and its connection goes on`, () =>
    withOther(async ({ replica, rig }) => {
      using client = await Http2RawClient.connect(rig);
      await client.send(join(HELLO, sent instanceof Uint8Array ? sent : headers(1, sent)));
      await client.until(`RST_STREAM 1 code ${ErrorCode.PROTOCOL_ERROR}`);
      await client.send(GOOD);
      await client.until("stream 3: 200");
      assertEquals(client.heard.filter((line) => line.includes("1:") || line.startsWith("GOAWAY")), []);
      assertEquals(replica.requests.map(({ target }) => target), ["/good"]);
      assert(!replica.text.includes("smuggled"), replica.text);
    }));
}

for (const [what, [status, fields]] of Object.entries(ANSWERED)) {
  test(`answers ${status} to ${what} over HTTP/2, and the connection goes on`, () =>
    withOther(async ({ replica, rig }) => {
      using client = await Http2RawClient.connect(rig);
      await client.send(join(HELLO, headers(1, fields)));
      await client.until(`stream 1: ${status}`);
      await client.send(GOOD);
      await client.until("stream 3: 200");
      assertEquals(replica.requests.map(({ target }) => target), ["/good"]);
    }));
}

for (const [what, [code, sent]] of Object.entries(BREAKING)) {
  test(`ends a connection of HTTP/2 at ${what}, says why, and reads no further`, () =>
    withOther(async ({ replica, rig }) => {
      using client = await Http2RawClient.connect(rig);
      await client.send(join(HELLO, sent, headers(101, [...HEAD.slice(0, 3), [":path", "/smuggled"]])));
      const heard = await client.toEnd();
      assertEquals(heard.filter((line) => line.startsWith("GOAWAY")), [`GOAWAY code ${code}`]);
      assert(!replica.text.includes("smuggled"), replica.text);
    }));
}

for (const [what, sent] of Object.entries(NO_BEGINNINGS)) {
  test(`ends a connection that is to be HTTP/2 and begins with ${what}`, () =>
    withOther(async ({ replica, rig }) => {
      using client = await Http2RawClient.connect(rig);
      await client.send(sent);
      assertEquals(await client.toEnd(), [`GOAWAY code ${ErrorCode.PROTOCOL_ERROR}`]);
      assertEquals(replica.text, "");
    }));
}

for (const [what, flood] of Object.entries(FLOODS)) {
  test(`ends a flood of ${what} over HTTP/2 while little of it has reached a replica`, () =>
    withOther(async ({ replica, rig }) => {
      using client = await Http2RawClient.connect(rig);
      const heard = client.toEnd();
      await client.send(HELLO);
      for (let at = 0; at < FLOOD_FRAMES; at += 50) {
        if (!await client.send(join(...Array.from({ length: 50 }, (_, more) => flood(at + more))))) break;
      }
      const goaway = (await heard).filter((line) => line.startsWith("GOAWAY"));
      // A client that sends on may be cut before it reads why.
      assert(goaway.every((line) => line === `GOAWAY code ${ErrorCode.ENHANCE_YOUR_CALM}`), `${goaway}`);
      assert(replica.connections.length <= REACHED_MAX, `${replica.connections.length}`);
    }));
}

test("takes no more of an upload over HTTP/2 than its window lets in, while no replica takes it", async () => {
  await using replica = startRecorder();
  await using rig = await startTlsEngine([], { route: { queue: { timeout: "20s" } } });
  using client = await Http2RawClient.connect(rig);
  await client.send(join(HELLO, headers(1, [[":method", "POST"], ...HEAD.slice(1)], END_HEADERS)));
  await client.send(join(...Array.from({ length: WINDOWS_FULL }, () => data(1, "x".repeat(16_384)))));
  await client.until(`RST_STREAM 1 code ${ErrorCode.FLOW_CONTROL_ERROR}`);
  await client.send(GOOD);
  rig.set([replica]);
  await client.until("stream 3: 200");
  assertEquals(replica.requests.map(({ target }) => target), ["/good"]);
});
