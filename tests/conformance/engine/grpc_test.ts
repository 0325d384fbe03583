import { assertEquals } from "@std/assert";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { granted } from "../../support/granted.ts";
import { isOldRuntime } from "../../support/runtime_version.ts";
import { endpointAt } from "../../ingress/rig.ts";
import { startTlsEngine } from "./tls_rig.ts";

/** A server as gRPC's are: HTTP/2 without TLS, messages both ways side by side, and its verdict in the trailers. */
async function serveGrpc() {
  const seen: http2.IncomingHttpHeaders[] = [];
  const server = http2.createServer();
  server.on("stream", (stream, headers) => {
    seen.push(headers);
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "grpc-message": "fine" }));
    stream.on("data", (chunk: Uint8Array) => stream.write(chunk));
    stream.on("end", () => stream.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    seen,
    endpoint: endpointAt((server.address() as AddressInfo).port),
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Called {
  status: number;
  messages: string[];
  trailers: Record<string, unknown>;
}

/** Sends a message, and each further one once the one before has come back. */
function call(client: http2.ClientHttp2Session, messages: string[]): Promise<Called> {
  const { promise, resolve, reject } = Promise.withResolvers<Called>();
  const called: Called = { status: 0, messages: [], trailers: {} };
  const stream = client.request({
    ":method": "POST",
    ":path": "/a.B/C",
    "content-type": "application/grpc",
    te: "trailers",
  });
  const say = () => {
    const message = messages.shift();
    if (message === undefined) stream.end();
    else stream.write(message);
  };
  stream.on("response", (headers) => called.status = Number(headers[":status"]));
  stream.on("data", (chunk: Uint8Array) => {
    called.messages.push(new TextDecoder().decode(chunk));
    say();
  });
  stream.on("trailers", (trailers) => called.trailers = { ...trailers });
  stream.on("close", () => resolve(called));
  stream.on("error", reject);
  say();
  return promise;
}

Deno.test({
  name: "a gRPC call goes through with its messages as they come, both ways, and its trailers",
  // The clients of older runtimes can't speak HTTP/2 over TLS.
  ignore: !granted || isOldRuntime,
  // The runtime's client keeps timers of its own.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using replica = await serveGrpc();
    await using rig = await startTlsEngine([replica], { route: { protocol: "h2c" } });
    const client = http2.connect(`https://localhost:${rig.port}`, { ca: rig.authority });
    const calls = await Promise.all(Array.from({ length: 8 }, () => call(client, ["one", "two", "three"])));
    client.close();
    for (const { status, messages, trailers } of calls) {
      assertEquals([status, messages], [200, ["one", "two", "three"]]);
      assertEquals([trailers["grpc-status"], trailers["grpc-message"]], ["0", "fine"]);
    }
    assertEquals(new Set(replica.seen.map((headers) => headers.te)), new Set(["trailers"]));
  },
});
