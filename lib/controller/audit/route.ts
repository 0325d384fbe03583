/**
 * `GET /v1/audit`: the audit log by the page, the newest lines unless `after` says where to go on. Hashes are shown
 * along, so that who keeps a copy elsewhere can check it, and a later log against it.
 * @module
 */
import type { AuditPage } from "../../wire/audit.ts";
import { badRequest, json } from "../api/answer.ts";
import type { Call, Route } from "../api/context.ts";

const LIMIT_USUAL = 100;
const LIMIT_MAX = 1_000;

/** What can be read of an audit log. */
export interface AuditReader {
  read(options: { after: number | undefined; limit: number }): Promise<AuditPage>;
}

export const auditRoutes: readonly Route[] = [{ method: "GET", path: "/v1/audit", needs: "admin", handle: getAudit }];

async function getAudit(call: Call): Promise<Response> {
  const { audit } = call.var.api;
  const after = call.req.query("after");
  if (after !== undefined && !/^\d{1,15}$/.test(after)) {
    return badRequest('"after" is the "seq" of the last entry that was read, a whole number');
  }
  const limit = Number(call.req.query("limit") ?? LIMIT_USUAL);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) {
    return badRequest(`"limit": a whole number from 1 to ${LIMIT_MAX}`);
  }
  return json(await audit.read({ after: after === undefined ? undefined : Number(after), limit }));
}
