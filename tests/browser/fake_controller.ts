/**
 * A controller that only shows: the dashboard as it is built, and a cluster that a test made up, over the same routes as
 * the real one's. What it doesn't know is answered as a real one answers who asks for what isn't there.
 * @module
 */
import { fileURLToPath } from "node:url";
import { isPagePath, pageAnswer } from "../../lib/controller/pages/page_answer.ts";
import { pagesIn } from "../../lib/controller/pages/page_files.ts";
import { problem } from "../../lib/wire/problem.ts";
import type { WatchMessage } from "../../lib/wire/watch.ts";
import { DASHBOARD_FILE } from "../../scripts/web.ts";
import type { Snapshot } from "./large_cluster.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

export interface FakeController extends AsyncDisposable {
  url: string;
  /** Tells every page that watches. */
  tell: (message: WatchMessage) => void;
}

export interface FakeOptions {
  snapshot: Snapshot;
  /** What it answers further, by path. */
  answers?: Readonly<Record<string, (asked: URL) => Response>>;
}

/** Serves on a port that was free. */
export function startFakeController({ snapshot, answers = {} }: FakeOptions): FakeController {
  const pages = pagesIn(`${PROJECT}${DASHBOARD_FILE}`);
  const watching = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const encoder = new TextEncoder();
  const partOf = (message: WatchMessage) => {
    const id = message.events.at(-1)?.id ?? 0;
    return encoder.encode(`id: ${id}\ndata: ${JSON.stringify(message)}\n\n`);
  };
  const watch = () => {
    let own: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start(stream) {
        own = stream;
        stream.enqueue(partOf(snapshot));
        watching.add(stream);
      },
      cancel: () => void watching.delete(own),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
  };
  const routes: Readonly<Record<string, (asked: URL) => Response>> = {
    "/v1/watch": watch,
    "/version": () => Response.json({ version: "0.1.0", program: "muster-controller" }),
    "/v1/session": () => Response.json({ name: null, role: "admin", services: [], expires_at: null }),
    "/v1/usage": () => Response.json({ at: new Date().toISOString(), nodes: [], replicas: [], silent: [] }),
    "/v1/events": () => Response.json({ events: snapshot.events, last: snapshot.events.at(-1)?.id ?? 0, gone: false }),
    ...answers,
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const asked = new URL(request.url);
    const { pathname } = asked;
    if (isPagePath(pathname)) return pageAnswer(request, pages);
    const route = routes[decodeURIComponent(pathname)];
    if (route !== undefined) return route(asked);
    if (pathname.endsWith("/traffic")) return Response.json({ service: "", interval_s: 5, points: [] });
    return problem({ type: "not-found", title: "Not Found", status: 404, detail: `there is no ${pathname} here` });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    tell: (message) => {
      const part = partOf(message);
      for (const stream of watching) stream.enqueue(part);
    },
    [Symbol.asyncDispose]: async () => {
      for (const stream of watching) stream.close();
      watching.clear();
      await server.shutdown();
    },
  };
}
