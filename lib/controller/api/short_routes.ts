/**
 * The routes without a version: what one types into curl. They ask for no headers, and `/healthz`, `/readyz` and
 * `/version` for no credentials either.
 * @module
 */
import { isRecovering } from "../../cluster/state.ts";
import { VERSION } from "../../runtime/version.ts";
import { CONTRACT } from "../../wire/contract/contract.ts";
import { problem } from "../../wire/problem.ts";
import { postAddNode } from "./add_node.ts";
import { json, jsonText } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { route } from "./route.ts";
import { scale } from "./scale.ts";
import { statusView } from "./views.ts";

export const shortRoutes: readonly Route[] = [
  route("addNode", { handle: postAddNode }),
  route("scale", { scope: "own", handle: (call) => scale(call, undefined) }),
  route("getStatus", { scope: "own", handle: getStatus }),
  route("getHealthz", { handle: () => json({ status: "ok" }) }),
  route("getReadyz", { handle: getReadyz }),
  route("getMetrics", { handle: getMetrics }),
  route("getVersion", { handle: getVersion }),
];

function getStatus(call: Call): Response {
  return jsonText(`${JSON.stringify(statusView(call.var.api, call.env.who), undefined, 2)}\n`);
}

/** Whether decisions are made: not before every node that should be there was heard or given up. */
function getReadyz(call: Call): Response {
  const { state, ending, clock } = call.var.api;
  const reason = ending.aborted
    ? "the controller is ending"
    : isRecovering(state, clock.now())
    ? `${state.unheard.size} of ${state.nodes.size} nodes have yet to be heard since the start`
    : undefined;
  if (reason === undefined) return json({ status: "ready" });
  const headers = { "retry-after": "1" };
  return problem({ type: "not-ready", title: "Service Unavailable", status: 503, detail: reason, headers });
}

function getVersion(): Response {
  return json({ version: VERSION, program: "muster-controller" });
}

function getMetrics(call: Call): Response {
  return new Response(call.var.api.metrics(), { headers: { "content-type": CONTRACT.getMetrics.answer.media } });
}
