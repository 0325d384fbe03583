/**
 * How hosts become nodes, where nodes have identities: an administrator makes an invitation, the host shows it once and
 * is given papers, and exchanges them for new ones before they are over.
 * @module
 */
import type { JoinTokenRecord } from "../../cluster/membership.ts";
import { put, remove } from "../../cluster/record.ts";
import { readDurationMs } from "../../runtime/duration.ts";
import type { JoinRequest, JoinTokenView } from "../../wire/join.ts";
import { joinTokenText } from "../../wire/join_token.ts";
import { problem } from "../../wire/problem.ts";
import { audited } from "../audit/audited.ts";
import { nameOf, questionOf } from "../audit/question.ts";
import type { Authority } from "../identity/authority.ts";
import { newNode, nodeAsHeard } from "../loop/node_record.ts";
import { hashOf, isSame } from "../people/tokens.ts";
import { checkedUrl } from "./add_node.ts";
import { withoutIdentities } from "./authority.ts";
import { badRequest, conflict } from "./answer.ts";
import type { ApiContext, Call, Route } from "./context.ts";
import { CONDITIONS } from "./precondition.ts";
import type { Principal } from "../people/principal.ts";
import { bodyOf, route } from "./route.ts";
import { transact } from "./transact.ts";
import { refusalOfHost } from "./whose_host.ts";

const TTL_MS = 15 * 60_000;
const TTL_MAX_MS = 7 * 86_400_000;
const SECRET_BYTES = 32;
const JOIN_TOKENS_MAX = 1_000;

export const joinRoutes: readonly Route[] = [
  route("createJoinToken", { refuses: CONDITIONS, handle: postJoinToken }),
  route("join", { handle: postJoin }),
  route("renew", { handle: postRenew }),
];

async function postJoinToken(call: Call): Promise<Response> {
  const { api } = call.var;
  if (api.identity === undefined) return withoutIdentities();
  const { authority, members } = api.identity;
  const wanted = bodyOf(call, "createJoinToken");
  if (wanted instanceof Response) return wanted;
  const ttlMs = wanted.ttl === undefined ? TTL_MS : readDurationMs(wanted.ttl) ?? TTL_MS;
  if (ttlMs > TTL_MAX_MS) return badRequest('"ttl": at most 7d; an invitation is for now');
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  const secret = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  const nowMs = api.clock.wall();
  const record: JoinTokenRecord = {
    type: "join_token",
    id: api.random.uuid(),
    hash: hashOf(secret),
    role: "node",
    labels: wanted.labels ?? {},
    created_at: new Date(nowMs).toISOString(),
    expires_at: new Date(nowMs + ttlMs).toISOString(),
    used_by: null,
  };
  const { id, role, labels, expires_at } = record;
  const view: JoinTokenView = { id, role, labels, expires_at };
  return await transact(call, () => {
    const outdated = members.outdated();
    if (members.joinTokens().length - outdated.length >= JOIN_TOKENS_MAX) return tooMany();
    const once = { token: joinTokenText({ authority: authority.digest, id, secret }) };
    return { changes: [...outdated.map(remove), put(record)], status: 201, body: view, once };
  });
}

async function postJoin(call: Call): Promise<Response> {
  const { api } = call.var;
  if (api.identity === undefined) return withoutIdentities();
  const asked = bodyOf(call, "join");
  if (asked instanceof Response) return asked;
  const { registration } = asked;
  const { members, attempts } = api.identity;
  if (attempts.areTooMany(call.env.from)) return tooManyFailures();
  const refused = refusalOf(members.joinToken(asked.id), asked, api);
  if (refused !== undefined) {
    attempts.failed(call.env.from);
    return refused;
  }
  const url = await httpsUrl(registration.url);
  if (url instanceof Response) return url;
  const others = await refusalOfHost(call, { identity: registration.identity, url });
  if (others !== undefined) return others;
  const papers = await papersFor(api.identity.authority, { ...asked, identity: registration.identity, url });
  if (papers === undefined) return badRequest('"signing_request": a PKCS #10 request for a P-256 key was expected');
  const id = api.random.uuid();
  const join = () =>
    transact(call, (state) => {
      // Looked at again, as another host may have been quicker.
      const token = members.joinToken(asked.id);
      const late = refusalOf(token, asked, api);
      if (late !== undefined || token === undefined) return late ?? unknownToken();
      const known = members.nodeOf(registration.identity) ??
        state.nodesByName.find(({ record }) => record.url === url && record.identity === null)?.record;
      const elsewhere = state.nodesByName.find(({ record }) => record.url === url && record.id !== known?.id);
      if (elsewhere !== undefined) return addressTaken(url, elsewhere.record.name);
      const given = { ...(known ?? newNode(id, url, registration)), url, given_labels: token.labels };
      const record = nodeAsHeard(given, registration) ?? given;
      const used: JoinTokenRecord = { ...token, used_by: registration.identity };
      return { changes: [put(used), put(record)], status: 201, body: { id: record.id }, once: { ...papers } };
    });
  return await audited(api.audit, questionOf(call), join);
}

async function postRenew(call: Call): Promise<Response> {
  const { api } = call.var;
  if (api.identity === undefined) return withoutIdentities();
  const [, bearer = ""] = /^bearer +(\S+)$/i.exec(call.req.header("authorization") ?? "") ?? [];
  const { members, attempts, credentials, authority } = api.identity;
  if (attempts.areTooMany(call.env.from)) return tooManyFailures();
  const identity = await credentials.renewing(bearer);
  const node = identity === undefined ? undefined : members.nodeOf(identity);
  if (identity === undefined || node === undefined) {
    attempts.failed(call.env.from);
    return unauthorized("this credential renews nothing: the node was removed, or was away for too long; join again");
  }
  const asked = bodyOf(call, "renew");
  if (asked instanceof Response) return asked;
  const url = await httpsUrl(asked.url);
  if (url instanceof Response) return url;
  const others = await refusalOfHost(call, { identity, url });
  if (others !== undefined) return others;
  const papers = await papersFor(authority, { ...asked, identity, url });
  if (papers === undefined) return badRequest('"signing_request": a PKCS #10 request for a P-256 key was expected');
  const as: Principal = { kind: "node", node: identity };
  return await audited(api.audit, { ...questionOf(call), who: nameOf(as) }, () => Response.json(papers));
}

function papersFor(authority: Authority, asked: { identity: string; url: string; signing_request: string }) {
  const { identity, url, signing_request } = asked;
  return authority.papersFor({ identity, host: new URL(url).hostname }, signing_request);
}

/** Why an invitation lets this agent in no more; the one that it has let in already may have missed the answer. */
function refusalOf(
  token: JoinTokenRecord | undefined,
  { secret, registration }: JoinRequest,
  { clock }: ApiContext,
): Response | undefined {
  if (token === undefined || !isSame(token.hash, hashOf(secret))) return unknownToken();
  if (Date.parse(token.expires_at) <= clock.wall()) return unauthorized("this join token is over: make a new one");
  if (token.used_by === null || token.used_by === registration.identity) return undefined;
  return unauthorized("this join token was used by another host: make a new one, and find out who used it");
}

async function httpsUrl(given: string): Promise<string | Response> {
  const url = await checkedUrl(given);
  if (url instanceof Response || url.startsWith("https:")) return url;
  return badRequest('"url": a node with an identity is reached by https');
}

function unknownToken(): Response {
  return unauthorized("this cluster knows no such join token");
}

function unauthorized(detail: string): Response {
  return problem({ type: "unauthorized", title: "Unauthorized", status: 401, detail });
}

function tooManyFailures(): Response {
  const detail = "too many tries with wrong credentials came from your address; wait 60 s";
  const headers = { "retry-after": "60" };
  return problem({ type: "too-many-failures", title: "Too Many Requests", status: 429, detail, headers });
}

function tooMany(): Response {
  const detail = `there are ${JOIN_TOKENS_MAX} join tokens, which is the most: wait until some are over`;
  return conflict("too-many-join-tokens", { title: "Too many join tokens", detail });
}

function addressTaken(url: string, name: string): Response {
  const detail = `node ${name} is at ${url}: remove it first, or give this agent another --port or --advertise`;
  return conflict("address-taken", { title: "The address is taken", detail });
}
