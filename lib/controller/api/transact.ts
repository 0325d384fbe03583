/**
 * How every call that writes is answered: once what it drafts is durable and the state shows it (`write.ts`). With an
 * `Idempotency-Key` the answer is committed along, and given again to whoever asks again.
 * @module
 */
import type { Change } from "../../cluster/record.ts";
import type { ClusterState } from "../../cluster/state.ts";
import { problem } from "../../wire/problem.ts";
import { badRequest, busy, json, jsonText } from "./answer.ts";
import type { ApiContext, Call } from "./context.ts";
import { flagIn } from "./query.ts";
import { type Drafted, write, type Written } from "../change/write.ts";

const KEY_RULE = "1 to 255 visible ASCII characters";

/** What a write would change, and what to answer then. */
export interface Draft {
  changes: Change[];
  status: number;
  body: unknown;
  /** What the first answer says beyond the body: a secret, which no receipt keeps and no second answer repeats. */
  once?: Readonly<Record<string, unknown>>;
  /** The revision of the resource when nothing is changed. */
  revision?: number | undefined;
}

/** Drafts a write against the state. `revision` is the one it will be committed under. */
export type Drafting = (state: ClusterState, revision: number) => Draft | Response;

/** Performs a write and answers the call. */
export async function transact(call: Call, draft: Drafting): Promise<Response> {
  const { api } = call.var;
  const key = call.req.header("idempotency-key");
  if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key)) return badRequest(`"Idempotency-Key": ${KEY_RULE}`);
  if (flagIn(call, "dry_run")) return rehearsed(draft(api.state, api.state.revision + 1));
  const request = key === undefined ? "" : await fingerprintOf(call);
  const written = await write(api, (state, revision) => {
    const repeated = key === undefined ? undefined : repetition(api, key, request);
    if (repeated !== undefined) return { changes: [], value: repeated };
    const drafted = draft(state, revision);
    if (drafted instanceof Response) return { changes: [], value: drafted };
    return answered(api, drafted, { revision, key, request });
  });
  return written.kind === "written" ? written.value : unwritten(written);
}

/** What a write would be answered, had it been one. */
function rehearsed(drafted: Draft | Response): Response {
  return drafted instanceof Response ? drafted : json({ ...Object(drafted.body), dry_run: true });
}

/** The answer to a write that did not take place. */
export function unwritten(written: Exclude<Written<unknown>, { kind: "written" }>): Response {
  return written.kind === "full" ? full() : busy(written.detail, { retryAfterS: 1 });
}

/** The first answer once more, to whoever says the same again. */
function repetition({ receipts }: ApiContext, key: string, request: string): Response | undefined {
  const receipt = receipts.find(key);
  if (receipt === undefined) return undefined;
  if (receipt.request !== request) return reusedKey();
  const { status, revision, body } = receipt;
  return jsonText(body, { status, revision, headers: { "idempotency-replayed": "true" } });
}

interface Keyed {
  /** The revision of the commit, if there is one. */
  revision: number;
  key: string | undefined;
  request: string;
}

/** A draft with its answer, and the receipt that is committed along. */
function answered(api: ApiContext, drafted: Draft, { revision: next, key, request }: Keyed): Drafted<Response> {
  const { changes, status, once } = drafted;
  const body = `${JSON.stringify(drafted.body)}\n`;
  const revision = changes.length > 0 ? next : drafted.revision;
  const kept = key === undefined
    ? []
    : api.receipts.changesFor({ type: "receipt", id: key, request, status, body, revision: revision ?? 0 });
  const shown = once === undefined ? body : `${JSON.stringify(Object.assign({}, drafted.body, once))}\n`;
  return { changes: [...changes, ...kept], value: jsonText(shown, { status, revision }) };
}

function full(): Response {
  return problem({
    type: "store-full",
    title: "Insufficient Storage",
    status: 507,
    detail: "there is no space left for the controller's store: nothing was changed; make room and try again",
    headers: { "retry-after": "5" },
  });
}

function reusedKey(): Response {
  const detail = "this Idempotency-Key was used for another request; give each request a key of its own";
  return problem({ type: "idempotency-key-reused", title: "Unprocessable Content", status: 422, detail });
}

/** What was asked for, so that a key can't stand for two requests. */
async function fingerprintOf(call: Call): Promise<string> {
  const { pathname, search } = new URL(call.req.url);
  const asked = JSON.stringify([call.req.method, pathname, search, call.req.header("if-match") ?? "", call.var.body]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(asked));
  return new Uint8Array(digest).toHex();
}
