/**
 * `GET /v1/audit`: the audit log by the page, the newest lines unless `after` says where to go on. Hashes are shown
 * along, so that who keeps a copy elsewhere can check it, and a later log against it.
 * @module
 */
import type { AuditPage } from "../../wire/audit.ts";
import { json } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { limitIn, numberIn } from "./query.ts";
import { route } from "./route.ts";

/** What can be read of an audit log. */
export interface AuditReader {
  read(options: { after: number | undefined; limit: number }): Promise<AuditPage>;
}

export const auditRoutes: readonly Route[] = [route("getAudit", { handle: getAudit })];

async function getAudit(call: Call): Promise<Response> {
  const { audit } = call.var.api;
  return json(await audit.read({ after: numberIn(call, "after"), limit: limitIn(call) }));
}
