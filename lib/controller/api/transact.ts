/**
 * How every write of the API is done: drafted from the state, committed if the state is still that one, drafted anew if
 * not, and answered once it is durable and the state shows it. With an `Idempotency-Key` the answer is committed along,
 * and given again to whoever asks again.
 * @module
 */
import type { Change } from "../../cluster/record.ts";
import type { ClusterState } from "../../cluster/state.ts";
import { problem } from "../../wire/problem.ts";
import { StoreBusyError } from "../store/failure.ts";
import type { Appended } from "../store/store.ts";
import { badRequest, busy, jsonText } from "./answer.ts";
import type { ApiContext, Call } from "./context.ts";

const ATTEMPTS_MAX = 50;
const WRITES_WAITING_MAX = 1_000;
/** The state follows a commit at once; this is for a store that lies behind a network. */
const STATE_WAIT_MS = 5_000;
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
export function transact(call: Call, draft: Drafting): Promise<Response> | Response {
  const { api } = call.var;
  if (api.writes.waiting >= WRITES_WAITING_MAX) return busy("too many writes are waiting", { retryAfterS: 1 });
  return api.writes.pass(() => attempt(call, draft));
}

async function attempt(call: Call, draft: Drafting): Promise<Response> {
  const { api } = call.var;
  const key = call.req.header("idempotency-key");
  if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key)) return badRequest(`"Idempotency-Key": ${KEY_RULE}`);
  const request = key === undefined ? "" : await fingerprintOf(call);

  for (let attempts = 0; attempts < ATTEMPTS_MAX; attempts++) {
    const receipt = key === undefined ? undefined : api.receipts.find(key);
    if (receipt !== undefined) {
      if (receipt.request !== request) return reusedKey();
      const { status, revision, body } = receipt;
      return jsonText(body, { status, revision, headers: { "idempotency-replayed": "true" } });
    }
    const expectedRevision = api.state.revision;
    const drafted = draft(api.state, expectedRevision + 1);
    if (drafted instanceof Response) return drafted;
    const { status } = drafted;
    const body = `${JSON.stringify(drafted.body)}\n`;
    const revision = drafted.changes.length > 0 ? expectedRevision + 1 : drafted.revision;
    const kept = key === undefined
      ? []
      : api.receipts.changesFor({ type: "receipt", id: key, request, status, body, revision: revision ?? 0 });
    const shown = drafted.once === undefined
      ? body
      : `${JSON.stringify(Object.assign({}, drafted.body, drafted.once))}\n`;
    const changes = [...drafted.changes, ...kept];
    if (changes.length === 0) return jsonText(shown, { status, revision });
    const outcome = await append(api, { changes, expectedRevision });
    if (outcome instanceof Response) return outcome;
    await api.until(() => api.state.revision >= outcome.revision, STATE_WAIT_MS);
    if (outcome.kind === "committed") return jsonText(shown, { status, revision });
  }
  return busy("the state changes faster than this write could be made", { retryAfterS: 1 });
}

async function append(
  { store }: ApiContext,
  { changes, expectedRevision }: { changes: Change[]; expectedRevision: number },
): Promise<Exclude<Appended, { kind: "full" }> | Response> {
  try {
    const outcome = await store.append(changes, { expectedRevision });
    return outcome.kind === "full" ? full() : outcome;
  } catch (error) {
    if (error instanceof StoreBusyError) return busy(error.message, { retryAfterS: 1 });
    throw error;
  }
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
