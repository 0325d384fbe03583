/**
 * `/v1/tokens`: who may come in. A token is shown once, in the answer that makes it; afterwards there is only its digest.
 * @module
 */
import { put, remove } from "../../cluster/record.ts";
import type { TokenRecord } from "../../cluster/token.ts";
import { readDurationMs } from "../../runtime/duration.ts";
import type { TokenView } from "../../wire/api.ts";
import { hashOf, newSecret, type Tokens, TOKENS_MAX } from "../people/tokens.ts";
import { conflict, notFound } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { answerPage } from "./page.ts";
import { CONDITIONS } from "./precondition.ts";
import { bodyOf, route } from "./route.ts";
import { transact } from "./transact.ts";

export const tokenRoutes: readonly Route[] = [
  route("listTokens", { handle: listTokens }),
  route("createToken", { refuses: CONDITIONS, handle: postToken }),
  route("deleteToken", { refuses: CONDITIONS, handle: deleteToken }),
];

function listTokens(call: Call): Response {
  const { tokens } = call.var.api;
  return answerPage(call, {
    items: tokens.all(),
    keyOf: ({ name }) => name,
    viewOf: (record) => viewOf(record, tokens),
  });
}

function postToken(call: Call): Promise<Response> | Response {
  const wanted = bodyOf(call, "createToken");
  if (wanted instanceof Response) return wanted;
  const { tokens, clock, random } = call.var.api;
  const secret = newSecret();
  const nowMs = clock.wall();
  const ttlMs = wanted.ttl === undefined ? undefined : readDurationMs(wanted.ttl);
  const record: TokenRecord = {
    type: "token",
    id: random.uuid(),
    name: wanted.name,
    hash: hashOf(secret),
    role: wanted.role,
    services: wanted.services ?? [],
    created_at: new Date(nowMs).toISOString(),
    expires_at: ttlMs === undefined ? null : new Date(nowMs + ttlMs).toISOString(),
  };
  return transact(call, () => {
    const known = tokens.called(record.name);
    if (known !== undefined && !tokens.hasExpired(known)) return taken(known);
    const isFull = tokens.all().length >= TOKENS_MAX;
    const expired = tokens.all().filter((token) => tokens.hasExpired(token) && (isFull || token === known));
    if (isFull && expired.length === 0) return tooMany();
    const changes = [...expired.map(remove), put(record)];
    return { changes, status: 201, body: viewOf(record, tokens), once: { token: secret } };
  });
}

function deleteToken(call: Call): Promise<Response> | Response {
  const { tokens } = call.var.api;
  const called = call.req.param("id") ?? "";
  return transact(call, (_state, revision) => {
    const record = tokens.called(called);
    if (record === undefined) return notFound("token", { name: called, known: tokens.all().map(({ name }) => name) });
    const body = { id: record.id, name: record.name, removed: true, revision };
    return { changes: [remove(record)], status: 200, body };
  });
}

function viewOf({ id, name, role, services, ...record }: TokenRecord, tokens: Tokens): TokenView {
  const usedMs = tokens.lastUsedMs(id);
  const { created_at, expires_at } = record;
  const last_used_at = usedMs === undefined ? null : new Date(usedMs).toISOString();
  return { id, name, role, services, created_at, expires_at, last_used_at };
}

function taken({ name, id }: TokenRecord): Response {
  const detail = `a token named ${name} is in use (${id}): remove it first, or give the new one another name`;
  return conflict("token-name-taken", { title: "The name is taken", detail });
}

function tooMany(): Response {
  const detail = `there are ${TOKENS_MAX} tokens, which is the most: remove some first`;
  return conflict("too-many-tokens", { title: "Too many tokens", detail });
}
