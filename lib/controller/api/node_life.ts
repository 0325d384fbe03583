/**
 * What an operator changes about a node: it is drained, with a deadline or without, and activated again, and it gets
 * labels that its agent's own word doesn't undo.
 * @module
 */
import type { NodeRecord } from "../../cluster/node.ts";
import { put } from "../../cluster/record.ts";
import { LABELS_MAX } from "../../wire/node.ts";
import { badRequest } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { nodeCalled } from "./nodes.ts";
import { originOf } from "./origin.ts";
import { unmetCondition } from "./precondition.ts";
import { bodyOf, route } from "./route.ts";
import { transact } from "./transact.ts";
import { nodeRevision } from "./views.ts";

export const nodeLifeRoutes: readonly Route[] = [
  route("patchNode", { handle: patchNode }),
  route("drainNode", { handle: drainNode }),
  route("activateNode", { handle: activateNode }),
];

function drainNode(call: Call): Promise<Response> | Response {
  const wanted = bodyOf(call, "drainNode");
  if (wanted instanceof Response) return wanted;
  const deadline = wanted.deadline ?? null;
  const { at, by } = originOf(call);
  return changeNode(call, (record) => {
    if (record.draining && (record.drain?.deadline ?? null) === deadline) return record;
    const since = record.drain?.since ?? at;
    return { ...record, draining: true, drain: { since, deadline, by: by ?? "", overdue: false } };
  });
}

function activateNode(call: Call): Promise<Response> | Response {
  return changeNode(call, (record) => (record.draining ? { ...record, draining: false, drain: null } : record));
}

function patchNode(call: Call): Promise<Response> | Response {
  const patch = bodyOf(call, "patchNode");
  if (patch instanceof Response) return patch;
  const changes = Object.entries(patch.labels);
  return changeNode(call, (record) => {
    const { labels, given_labels: given } = record;
    const changed = { ...record, labels: changedBy(changes, labels), given_labels: changedBy(changes, given) };
    const [before, count] = [Object.keys(labels).length, Object.keys(changed.labels).length];
    if (count > LABELS_MAX && count > before) return tooManyLabels(record.name, count);
    const same = isSame(labels, changed.labels) && isSame(given, changed.given_labels);
    return same ? record : changed;
  });
}

/** Changes a node's record, unless `change` refuses that or gives it back as it is. */
function changeNode(call: Call, change: (record: NodeRecord) => NodeRecord | Response): Promise<Response> | Response {
  return transact(call, (state, revision) => {
    const node = nodeCalled(state, call.req.param("id") ?? "");
    if (node instanceof Response) return node;
    const { record } = node;
    const former = nodeRevision(state, record.id);
    const unmet = unmetCondition(call.req.raw.headers, former);
    if (unmet !== undefined) return unmet;
    const changed = change(record);
    if (changed instanceof Response) return changed;
    const { id, name, draining, drain, labels } = changed;
    const deadline = drain?.deadline ?? null;
    const isNew = changed !== record;
    const body = { id, name, draining, deadline, labels, revision: isNew ? revision : former };
    return { changes: isNew ? [put(changed)] : [], status: 202, body, revision: former };
  });
}

function tooManyLabels(name: string, count: number): Response {
  return badRequest(
    `"labels": ${name} would have ${count} labels, and ${LABELS_MAX} are the most: take some away by null`,
  );
}

type Labels = Readonly<Record<string, string>>;

function changedBy(changes: readonly [string, string | null][], labels: Labels): Record<string, string> {
  const result = new Map(Object.entries(labels));
  for (const [key, value] of changes) {
    if (value === null) result.delete(key);
    else result.set(key, value);
  }
  return Object.fromEntries([...result].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isSame(before: Labels, after: Labels): boolean {
  const keys = Object.keys(after);
  return keys.length === Object.keys(before).length && keys.every((key) => before[key] === after[key]);
}
