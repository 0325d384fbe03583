/**
 * All of Muster's own routes on the controller's port, and which of them ask nobody who they are.
 * @module
 */
import { auditRoutes } from "./audit.ts";
import { applyRoutes } from "./apply.ts";
import { artifactRoutes } from "./artifacts.ts";
import { authorityRoutes } from "./authority.ts";
import { backupRoutes } from "./backup.ts";
import type { Route } from "./context.ts";
import { docsRoutes } from "./docs/docs_routes.ts";
import { eventRoutes } from "./events.ts";
import { joinRoutes } from "./join.ts";
import { logRoutes } from "./logs.ts";
import { explainRoutes } from "./explain.ts";
import { nodeLifeRoutes } from "./node_life.ts";
import { nodeRoutes } from "./nodes.ts";
import { isPagePath } from "../pages/page_answer.ts";
import { rebalanceRoutes } from "./rebalance.ts";
import { releaseRoutes } from "./releases.ts";
import { replicaLifeRoutes } from "./replica_life.ts";
import { replicaRoutes } from "./replicas.ts";
import { schemaRoutes } from "./schema.ts";
import { serviceRoutes } from "./services.ts";
import { sessionRoutes } from "./session.ts";
import { shortRoutes } from "./short_routes.ts";
import { tokenRoutes } from "./tokens.ts";
import { trafficRoutes } from "./traffic.ts";
import { usageRoutes } from "./usage.ts";
import { watchRoutes } from "./watch.ts";

/** Those of the contract. */
const API: readonly Route[] = [
  ...shortRoutes,
  ...serviceRoutes,
  ...applyRoutes,
  ...releaseRoutes,
  ...schemaRoutes,
  ...nodeRoutes,
  ...nodeLifeRoutes,
  ...rebalanceRoutes,
  ...artifactRoutes,
  ...authorityRoutes,
  ...joinRoutes,
  ...replicaRoutes,
  ...replicaLifeRoutes,
  ...logRoutes,
  ...eventRoutes,
  ...watchRoutes,
  ...usageRoutes,
  ...trafficRoutes,
  ...explainRoutes,
  ...tokenRoutes,
  ...auditRoutes,
  ...backupRoutes,
  ...sessionRoutes,
];

export const ROUTES: readonly Route[] = [...API, ...docsRoutes(API)];

const OPEN = new Set(ROUTES.filter(({ needs }) => needs === "open").map(({ method, path }) => `${method} ${path}`));

/** Whether a request is answered without a look at its credentials. */
export function isOpen(method: string, path: string): boolean {
  if (isPagePath(path)) return true;
  return OPEN.has(`${method === "HEAD" ? "GET" : method} ${path}`);
}
