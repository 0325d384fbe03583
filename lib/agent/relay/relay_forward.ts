/**
 * Forwards one request in absolute form to a replica: origin form, target byte for byte, fields of the connection
 * removed, content both ways as it comes. What went wrong is said so that the caller knows whether anything was sent:
 * `Muster-Relay-Error: connect` (nothing was), `closed`, `malformed`.
 * @module
 */

import { isDisconnect } from "../../runtime/disconnect.ts";
import { encodeChunk, encodeLastChunk, encodeRequestHead, encodeResponseHead } from "../../wire/http1/encode.ts";
import { endToEndFields, framingFields } from "../../wire/http1/end_to_end.ts";
import type { Framing, RequestHead, ResponseHead } from "../../wire/http1/event.ts";
import { type Field, fieldValue, isNamed } from "../../wire/http1/fields.ts";
import { isAuthority } from "../../wire/http1/target.ts";
import { writeAll } from "../http/http_connection.ts";
import type { ProxyExchange } from "../http/http_exchange.ts";
import { type HttpReply, problem } from "../http/http_message.ts";
import type { ReplicaAddress, Upstream, UpstreamPool } from "./relay_upstream.ts";

/** Names the replica's port that a request is for. */
export const PORT_FIELD = "muster-port";

export interface ForwardOptions {
  readonly address: ReplicaAddress;
  readonly pool: UpstreamPool;
  /** Connections are kept apart by it: a port may come to belong to another replica. */
  readonly key: string;
}

/** Nothing of an answer came; the client has been told nothing yet. */
type Unanswered = { readonly unanswered: "closed" | "malformed" | "client" };
type Outcome = { readonly keep: boolean } | Unanswered;

/** Safe to send again when a resting connection turns out to be dead: no content, and no effect beyond the first. */
const REPEATABLE = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"]);

/** Resolves to whether the client's connection may be kept. */
export async function forward(head: RequestHead, exchange: ProxyExchange, options: ForwardOptions): Promise<boolean> {
  const { pool, key, address } = options;
  const repeatable = head.framing.kind === "none" && REPEATABLE.has(head.method);
  const rested = repeatable ? pool.take(key) : undefined;
  if (rested !== undefined) {
    const outcome = await send(head, exchange, { upstream: rested, pool, key });
    if ("keep" in outcome) return outcome.keep;
    if (outcome.unanswered !== "closed") return await answerFailure(exchange, outcome);
  }
  let upstream: Upstream;
  try {
    upstream = await pool.open(address);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return await exchange.reply(relayProblem("connect", `the replica does not accept connections: ${error.message}`));
  }
  const outcome = await send(head, exchange, { upstream, pool, key });
  return "keep" in outcome ? outcome.keep : await answerFailure(exchange, outcome);
}

/** A 502 that says in `Muster-Relay-Error` what the relay met. */
export function relayProblem(met: "connect" | "closed" | "malformed", detail: string): HttpReply {
  return problem(502, "Bad Gateway", { detail, headers: { "muster-relay-error": met } });
}

async function answerFailure(exchange: ProxyExchange, { unanswered }: Unanswered): Promise<boolean> {
  switch (unanswered) {
    case "closed":
      return await exchange.reply(relayProblem("closed", "the replica closed the connection before it answered"));
    case "malformed":
      return await exchange.reply(relayProblem("malformed", "the replica's answer can't be read"));
    case "client":
      await exchange.reply(problem(400, "Bad Request", { detail: "the body is malformed or was cut off" }));
      return false;
  }
}

async function send(
  head: RequestHead,
  exchange: ProxyExchange,
  options: { upstream: Upstream; pool: UpstreamPool; key: string },
): Promise<Outcome> {
  const { upstream, pool, key } = options;
  const close = () => upstream.close();
  exchange.signal.addEventListener("abort", close);
  if (exchange.signal.aborted) close();
  let mayRest = false;
  try {
    upstream.reader.expect(head.method);
    const request = sendRequest(head, exchange, upstream);
    const answer = await relayAnswer(head, exchange, upstream);
    if (answer.ended !== "whole") close();
    // A body still under way when the answer is complete has lost its reader: the connection goes with it.
    const sent = await Promise.race([request, Promise.resolve("under way" as const)]);
    if (sent === "under way") close();
    if (answer.ended === "unanswered") return { unanswered: sent === "broken by client" ? "client" : answer.met };
    mayRest = answer.ended === "whole" && answer.keepAlive && sent === "sent";
    return { keep: answer.ended === "whole" && answer.delimited && head.keepAlive && sent === "sent" };
  } catch (error) {
    if (!isDisconnect(error)) throw error;
    return { keep: false };
  } finally {
    exchange.signal.removeEventListener("abort", close);
    if (mayRest) pool.give(key, upstream);
    else close();
  }
}

type Sent = "sent" | "broken by client" | "broken by replica";

/** Never rejects for a lost connection: whether an answer comes all the same is for the other direction to see. */
async function sendRequest(head: RequestHead, exchange: ProxyExchange, upstream: Upstream): Promise<Sent> {
  try {
    await writeAll(
      upstream.conn,
      encodeRequestHead({ method: head.method, target: head.path, fields: requestFields(head) }),
    );
    for (;;) {
      const event = await exchange.bodyEvent();
      if (event.kind === "error") {
        upstream.close();
        return "broken by client";
      }
      if (event.kind === "data") {
        await writeAll(upstream.conn, head.framing.kind === "chunked" ? encodeChunk(event.bytes) : event.bytes);
        continue;
      }
      if (head.framing.kind === "chunked") await writeAll(upstream.conn, encodeLastChunk(event.trailers));
      return "sent";
    }
  } catch (error) {
    if (!isDisconnect(error)) throw error;
    return "broken by replica";
  }
}

type Answer =
  | { readonly ended: "whole"; readonly keepAlive: boolean; readonly delimited: boolean }
  | { readonly ended: "cut" }
  | { readonly ended: "unanswered"; readonly met: "closed" | "malformed" };

async function relayAnswer(head: RequestHead, exchange: ProxyExchange, upstream: Upstream): Promise<Answer> {
  let answer: ResponseHead | undefined;
  let chunked = false;
  for (;;) {
    const event = await upstream.event();
    switch (event.kind) {
      case "interim":
        if (head.version === "1.1") {
          await exchange.write(encodeResponseHead({ ...event, fields: endToEndFields(event.fields) }));
        }
        break;
      case "response": {
        // Upgrade was not passed on, so that a replica that agrees to one is not speaking to us.
        if (event.framing.kind === "tunnel") return { ended: "unanswered", met: "malformed" };
        answer = event;
        const framing = framingTo(head, event.framing);
        chunked = framing.kind === "chunked";
        const fields = [...endToEndFields(event.fields), ...framingFields(framing), ...persistence(head, framing)];
        await exchange.write(encodeResponseHead({ ...event, fields }));
        break;
      }
      case "data":
        await exchange.write(chunked ? encodeChunk(event.bytes) : event.bytes);
        break;
      case "end":
        if (chunked) await exchange.write(encodeLastChunk(event.trailers));
        return {
          ended: "whole",
          keepAlive: answer?.keepAlive === true,
          delimited: answer !== undefined && framingTo(head, answer.framing).kind !== "close",
        };
      case "closed":
        return { ended: "unanswered", met: "closed" };
      case "error":
        if (answer !== undefined) return { ended: "cut" };
        return { ended: "unanswered", met: upstream.ended ? "closed" : "malformed" };
    }
  }
}

/** What ends with the replica's connection goes on in chunks, so that a cut is seen; HTTP/1.0 can't have that. */
function framingTo(head: RequestHead, framing: Framing): Framing {
  if (framing.kind !== "close" && framing.kind !== "chunked") return framing;
  return { kind: head.version === "1.1" ? "chunked" : "close" };
}

function persistence(head: RequestHead, framing: Framing): Field[] {
  if (!head.keepAlive || framing.kind === "close") return [["Connection", "close"]];
  return head.version === "1.0" ? [["Connection", "keep-alive"]] : [];
}

function requestFields(head: RequestHead): Field[] {
  const forwardedHost = fieldValue(head.fields, "x-forwarded-host");
  const host = forwardedHost !== undefined && isAuthority(forwardedHost) ? forwardedHost : head.authority;
  const others = endToEndFields(head.fields).filter((field) => !isNamed(field, "host") && !isNamed(field, PORT_FIELD));
  return [["Host", host], ...others, ...framingFields(head.framing)];
}
