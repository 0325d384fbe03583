/**
 * What an operator does to a single replica: it is started anew in place, stopped so that another takes its slot, or its
 * process gets a signal. The first two are words to the store, the last one goes straight to the agent.
 * @module
 */
import { put } from "../../cluster/record.ts";
import { type AssignmentRecord, nameOf } from "../../cluster/replica.ts";
import type { ReplicaSignal } from "../../wire/replica_signal.ts";
import { problem } from "../../wire/problem.ts";
import { NoAnswer } from "../agents/agent_client.ts";
import { conflict, json } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { originOf } from "./origin.ts";
import { unmetCondition } from "./precondition.ts";
import { flagIn } from "./query.ts";
import { replicaIn } from "./replicas.ts";
import { bodyOf, route } from "./route.ts";
import { transact } from "./transact.ts";
import { replicaRevision } from "./views.ts";

const SIGNAL_MS = 5_000;
const [ACCEPTED, NOT_FOUND] = [202, 404];

export const replicaLifeRoutes: readonly Route[] = [
  route("restartReplica", { scope: "own", handle: restartReplica }),
  route("stopReplica", { scope: "own", handle: stopReplica }),
  route("signalReplica", { scope: "own", refuses: ["idempotency-key"], handle: signalReplica }),
];

/** In place, by its agent: the same replica, a new process. */
function restartReplica(call: Call): Promise<Response> {
  return changeReplica(call, (record) => ({ ...record, restart_seq: record.restart_seq + 1 }));
}

/** As a planned stop: it is withdrawn first, and the scale stays, so that another one takes its slot. */
function stopReplica(call: Call): Promise<Response> {
  const reason = `stopped by ${originOf(call).by ?? "somebody"}`;
  return changeReplica(call, (record) => ({ ...record, draining: true, reason }));
}

function changeReplica(call: Call, change: (record: AssignmentRecord) => AssignmentRecord): Promise<Response> {
  return transact(call, (state, revision) => {
    const replica = replicaIn(call);
    if (replica instanceof Response) return replica;
    const { record } = replica;
    const unmet = unmetCondition(call.req.raw.headers, replicaRevision(state, record.id));
    if (unmet !== undefined) return unmet;
    if (record.draining) {
      const detail = `${nameOf(record)} is being stopped: ${record.reason}`;
      return conflict("replica-draining", { title: "The replica is being stopped", detail });
    }
    return {
      changes: [put(change(record))],
      status: ACCEPTED,
      body: { id: record.id, name: nameOf(record), revision },
    };
  });
}

async function signalReplica(call: Call): Promise<Response> {
  const wanted = bodyOf(call, "signalReplica");
  if (wanted instanceof Response) return wanted;
  const replica = replicaIn(call);
  if (replica instanceof Response) return replica;
  const { state, client, ending } = call.var.api;
  const { id, node: nodeId } = replica.record;
  const unmet = unmetCondition(call.req.raw.headers, replicaRevision(state, id));
  if (unmet !== undefined) return unmet;
  const name = nameOf(replica.record);
  const body = { id, name, signal: wanted.signal };
  if (flagIn(call, "dry_run")) return json({ ...body, dry_run: true });
  const node = state.nodes.get(nodeId)?.record;
  if (node === undefined) return unreachable(name, "its node was removed");
  const order: ReplicaSignal = { signal: wanted.signal, epoch: state.epoch, revision: state.revision };
  const signal = AbortSignal.any([ending, AbortSignal.timeout(SIGNAL_MS)]);
  try {
    const path = `/v1/replicas/${id}/signal`;
    const { status, body: said } = await client.request(node.url, path, {
      method: "POST",
      body: JSON.stringify(order),
      signal,
    });
    await said?.cancel();
    if (status === ACCEPTED) return json(body, { status });
    if (status !== NOT_FOUND) return unreachable(name, `the agent on ${node.name} answers with status ${status}`);
    const detail = `${name} has no process on ${node.name} now: wait until it is started`;
    return conflict("replica-not-running", { title: "The replica has no process", detail });
  } catch (error) {
    if (error instanceof NoAnswer) return unreachable(name, `node ${node.name} can't be asked now: ${error.message}`);
    throw error;
  }
}

function unreachable(name: string, reason: string): Response {
  const detail = `no signal was sent to ${name}: ${reason}`;
  const headers = { "retry-after": "5" };
  return problem({ type: "node-unreachable", title: "Bad Gateway", status: 502, detail, headers });
}
