/**
 * Whether the nodes are there, ready and of the controller's version.
 * @module
 */
import type { NodeView } from "../../../wire/api.ts";
import { allPages } from "../../../wire/client/pages.ts";
import { type Check, type Finding, problem, warning } from "./finding.ts";

export const NODE_CHECKS: readonly Check[] = [{
  fine: "all nodes are ready and of the controller's version",
  examine: async ({ client, signal }) => {
    const nodes = await allPages((query) => client.listNodes({ query }, { signal }));
    if (nodes.length > 0) return nodes.flatMap(findingsOf);
    const remedy = '"controller join-token" invites a host; "controller node add <url>" names an agent';
    return [problem("there are no nodes, so nothing can run", "the cluster", { remedy })];
  },
}];

function findingsOf(node: NodeView): Finding[] {
  const where = `node ${node.name}`;
  return [...livenessOf(node, where), ...drainOf(node, where), ...versionOf(node, where)];
}

function livenessOf({ name, status, url }: NodeView, where: string): Finding[] {
  const more = `"controller explain ${name}" says more`;
  switch (status) {
    case "ready":
      return [];
    case "suspect":
      return [warning("it missed the last health check", where, { remedy: `${more}; look at its load and network` })];
    case "pending":
      return [problem(`its agent was never heard at ${url}`, where, { remedy: `start the agent there; ${more}` })];
    case "lost": {
      const remedy = `start its agent, or "controller node rm ${name}" if it won't come back; ${more}`;
      return [problem("it is lost: its agent does not answer", where, { remedy })];
    }
    default:
      return status satisfies never;
  }
}

function drainOf({ name, drain }: NodeView, where: string): Finding[] {
  if (drain === null || drain.remaining === 0 || drain.waiting.length === 0) return [];
  const what = `its drain waits: ${drain.waiting.join("; ")}`;
  return [warning(what, where, { remedy: `give room elsewhere, or "controller node activate ${name}"` })];
}

function versionOf({ version, skew }: NodeView, where: string): Finding[] {
  if (skew === null) return [];
  const remedy = skew === "older" ? "upgrade the agent" : "upgrade the controller";
  return [warning(`its agent has version ${version}, which is ${skew} than the controller's`, where, { remedy })];
}
