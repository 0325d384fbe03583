/**
 * An agent that speaks the protocol and runs nothing: it answers as told and notes what it was asked.
 * @module
 */
import type { AgentHealth, FeedLine, Orders, OrdersReply } from "../../lib/wire/protocol.ts";
import { agentNamed } from "./api/harness.ts";

export interface FakeAgent extends AsyncDisposable {
  url: string;
  health: AgentHealth;
  /** The orders that came, oldest first. */
  orders: Orders[];
  /** Requests as "METHOD path", with the credential where there was one. */
  asked: string[];
  /** Answers a request in the agent's place; undefined leaves it to the agent. */
  answer: ((request: Request) => Response | Promise<Response> | undefined) | undefined;
  /** An answer that doesn't come until the agent ends. */
  silence: () => Promise<Response>;
  /** How orders are answered; accepted unless said otherwise. */
  reply: ((orders: Orders) => OrdersReply) | undefined;
  /** Sends a line on all open streams. */
  say(line: FeedLine | string): void;
  /** Ends all open streams. */
  hangUp(): void;
  /** Resolves once an observation stream is open. */
  listened(): Promise<void>;
}

export function startFakeAgent(name: string, { port = 0 }: { port?: number } = {}): FakeAgent {
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const ended = Promise.withResolvers<Response>();
  let closing = false;
  let opened = Promise.withResolvers<void>();
  const encoder = new TextEncoder();
  const server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    agent.asked.push(`${request.method} ${pathname} ${request.headers.get("authorization") ?? ""}`.trim());
    const answer = agent.answer?.(request);
    if (answer !== undefined) {
      await request.body?.cancel();
      return answer;
    }
    if (pathname === "/v1/health") return Response.json(agent.health);
    if (pathname === "/v1/assignments") return take(await request.json());
    // A stream that opened while the server shuts down would hold it up.
    if (pathname === "/v1/observations") return closing ? new Response(null, { status: 503 }) : new Response(stream());
    if (pathname.endsWith("/logs")) return logs(pathname.split("/")[3] ?? "");
    return new Response("nothing here\n", { status: 404 });
  });

  function take(orders: Orders): Response {
    agent.orders.push(orders);
    const { cluster, epoch, revision } = orders;
    const reply = agent.reply?.(orders) ?? { kind: "accepted", epoch, revision };
    if (reply.kind !== "accepted") return Response.json({ title: "refused", reply }, { status: 409 });
    Object.assign(agent.health, { cluster, epoch, revision });
    return Response.json(reply);
  }

  function stream(): ReadableStream<Uint8Array> {
    let own: ReadableStreamDefaultController<Uint8Array>;
    return new ReadableStream({
      start(controller) {
        own = controller;
        streams.add(controller);
        const first: FeedLine = { kind: "snapshot", seq: 1, identity: agent.health.identity, replicas: [] };
        controller.enqueue(encoder.encode(`${JSON.stringify(first)}\n`));
        opened.resolve();
      },
      cancel: () => void streams.delete(own),
    });
  }

  function logs(replica: string): Response {
    const lines = ["one", "two"].map((line) => ({ time: new Date(0).toISOString(), stream: "out", replica, line }));
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    return new Response(text, { headers: { "content-type": "application/x-ndjson" } });
  }

  const agent: FakeAgent = {
    url: `http://127.0.0.1:${server.addr.port}`,
    health: { ...agentNamed(name), identity: crypto.randomUUID() },
    orders: [],
    asked: [],
    answer: undefined,
    silence: () => ended.promise.then((response) => response.clone()),
    reply: undefined,
    say: (line) => {
      const text = typeof line === "string" ? line : JSON.stringify(line);
      for (const controller of streams) controller.enqueue(encoder.encode(`${text}\n`));
    },
    hangUp: () => {
      for (const controller of streams) controller.close();
      streams.clear();
      opened = Promise.withResolvers();
    },
    listened: () => opened.promise,
    [Symbol.asyncDispose]: async () => {
      closing = true;
      agent.hangUp();
      ended.resolve(new Response(null));
      await server.shutdown();
    },
  };
  return agent;
}
