/**
 * `GET /v1/usage`: what nodes and replicas use of processor and memory, measured by the agents while somebody asks.
 * @module
 */
import type { NodeState } from "../../cluster/node.ts";
import { nameOf } from "../../cluster/replica.ts";
import type { AgentUsage, UsageView } from "../../wire/usage.ts";
import { isScoped } from "../people/principal.ts";
import { outside, sees, unknownService } from "./access/access.ts";
import { json } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { nodeCalled } from "./nodes.ts";
import { route } from "./route.ts";

export const usageRoutes: readonly Route[] = [route("getUsage", { scope: "own", handle: getUsage })];

async function getUsage(call: Call): Promise<Response> {
  const { env: { who }, var: { api } } = call;
  const wanted = wantedIn(call);
  if (wanted instanceof Response) return wanted;
  const found = await api.usage.of(api, wanted.nodes);
  const { nodes } = wanted;
  const view: UsageView = {
    at: new Date(api.clock.wall()).toISOString(),
    // What a node uses in all is others' as well.
    nodes: isScoped(who) ? [] : nodes.flatMap(({ record: { id, name } }) => {
      const usage = found.get(id);
      return usage === undefined ? [] : [{ id, name, cpu: usage.cpu, memory_bytes: usage.memory_bytes }];
    }),
    replicas: call.req.query("only") === "nodes"
      ? []
      : nodes.flatMap(({ record }) => replicasIn(call, { usage: found.get(record.id), node: record.id }))
        .filter(({ service }) => wanted.isWanted(service))
        .sort((a, b) => a.service < b.service ? -1 : a.service > b.service ? 1 : a.slot - b.slot)
        .map(({ slot: _, ...shown }) => shown),
    silent: nodes.filter(({ record }) => !found.has(record.id)).map(({ record }) => record.name),
  };
  return json(view);
}

interface Wanted {
  /** By name. */
  nodes: readonly NodeState[];
  isWanted: (service: string) => boolean;
}

function wantedIn(call: Call): Wanted | Response {
  const { state } = call.var.api;
  const [name, called] = [call.req.query("service"), call.req.query("node")];
  const node = called === undefined ? undefined : nodeCalled(state, called);
  const isMine = sees(call);
  // Which nodes there are is not told to whoever is here for some services only.
  if (node instanceof Response) return isScoped(call.env.who) ? { nodes: [], isWanted: isMine } : node;
  if (name !== undefined) {
    const foreign = outside(call, name);
    if (foreign !== undefined) return foreign;
    if (!state.services.has(name)) return unknownService(call, name);
  }
  const isWanted = (service: string) => isMine(service) && (name === undefined || service === name);
  const isAll = name === undefined && !isScoped(call.env.who);
  const all = node === undefined ? state.nodesByName : [node];
  return { nodes: all.filter((one) => isAll || [...one.perService.keys()].some(isWanted)), isWanted };
}

/** What an agent tells of replicas that are its to run. */
function replicasIn(call: Call, { usage, node }: { usage: AgentUsage | undefined; node: string }) {
  const { state } = call.var.api;
  return (usage?.replicas ?? []).flatMap(({ id, ...used }) => {
    const record = state.replicas.get(id)?.record;
    if (record?.node !== node) return [];
    const { service, slot } = record;
    return [{ id, name: nameOf(record), service, slot, node, ...used }];
  });
}
