/**
 * `GET /v1/watch`: the cluster as it is and then its changes, as an event stream. Who watches is told by the hub
 * (`watch/hub.ts`); here that is written, and who could not keep up begins anew.
 * @module
 */
import type { Principal } from "../people/principal.ts";
import type { ApiContext, Call, Route } from "./context.ts";
import { eventStream, HEARTBEAT, lastEventIn, newsOrHeartbeat } from "./event_stream.ts";
import { route } from "./route.ts";

export const watchRoutes: readonly Route[] = [route("watch", { scope: "own", handle: watch })];

function watch(call: Call): Response {
  const after = lastEventIn(call);
  if (after instanceof Response) return after;
  const { env: { who }, var: { api } } = call;
  return eventStream(call, (signal) => partsFor(api, { who, after, signal }));
}

async function* partsFor(
  api: ApiContext,
  { who, after, signal }: { who: Principal; after: number | undefined; signal: AbortSignal },
): AsyncGenerator<string, void> {
  using watching = api.watch.join(api, who);
  let seen = after;
  while (!signal.aborted && !watching.hasEnded) {
    if (watching.needsSnapshot) {
      for (const piece of watching.snapshot(seen)) {
        yield piece.text;
        seen = piece.last;
      }
      continue;
    }
    const news = watching.news();
    const message = watching.take();
    if (message !== undefined) {
      yield message.text;
      seen = message.last;
    } else if (await newsOrHeartbeat(news, { clock: api.clock, signal }) === "heartbeat") yield HEARTBEAT;
  }
}
