/**
 * A write under audit: on record before it is made, and again with its answer before that is given. What can't be
 * recorded isn't done and is answered with 503. When only the answer can't be recorded, the write has taken place: the
 * log says so, and the record shows a question without an answer.
 * @module
 */
import { getLog } from "../../runtime/log.ts";
import type { AuditEntry } from "../../wire/audit.ts";
import { problem } from "../../wire/problem.ts";
import { AuditFailedError } from "./audit_log.ts";

const RETRY_AFTER_S = 5;

const log = getLog("audit");

/** What is recorded of a write before it is made. */
export type Question = Omit<Extract<AuditEntry, { kind: "asked" }>, "kind">;

/** What can be written to an audit log. */
export interface AuditWriter {
  append(entry: AuditEntry, options?: { canWait: boolean }): Promise<void>;
}

/** Makes the write, if it can be recorded, and gives its answer. */
export async function audited(
  audit: AuditWriter,
  question: Question,
  act: () => Response | Promise<Response>,
): Promise<Response> {
  try {
    await audit.append({ kind: "asked", ...question });
  } catch (error) {
    if (!(error instanceof AuditFailedError)) throw error;
    log.error("A write was refused, as it can't be recorded", { path: question.path, error });
    return refusal(error);
  }
  let status = 500;
  try {
    const answer = await act();
    status = answer.status;
    return answer;
  } finally {
    const { what: _, ...asker } = question;
    // The write itself is on record already: nobody has to wait for the disk once more.
    audit.append({ kind: "answered", ...asker, status }, { canWait: true }).catch((error) => {
      log.error("A write was made, and its answer can't be recorded", { request: question.request, status, error });
    });
  }
}

function refusal({ message }: AuditFailedError): Response {
  return problem({
    type: "not-audited",
    title: "Service Unavailable",
    status: 503,
    detail: message,
    headers: { "retry-after": String(RETRY_AFTER_S) },
  });
}
