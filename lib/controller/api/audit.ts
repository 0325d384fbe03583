/**
 * `GET /v1/audit`: the audit log by the page, the newest lines unless `after` says where to go on. Hashes are shown
 * along, so that who keeps a copy elsewhere can check it, and a later log against it.
 * @module
 */
import type { AuditPage } from "../../wire/audit.ts";
import { json } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { LIMIT, limitIn, numberIn, wholeNumber } from "./query.ts";

const SEQ = wholeNumber({ of: 'the "seq" of the last entry that was read, a whole number' });

/** What can be read of an audit log. */
export interface AuditReader {
  read(options: { after: number | undefined; limit: number }): Promise<AuditPage>;
}

export const auditRoutes: readonly Route[] = [{
  method: "GET",
  path: "/v1/audit",
  needs: "admin",
  query: { after: SEQ, limit: LIMIT },
  handle: getAudit,
}];

async function getAudit(call: Call): Promise<Response> {
  const { audit } = call.var.api;
  return json(await audit.read({ after: numberIn(call, "after"), limit: limitIn(call) }));
}
