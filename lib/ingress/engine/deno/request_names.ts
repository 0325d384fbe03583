/**
 * What requests are called where traces are kept: each has an id, and a place in a trace that began with it or before it.
 * Both go along to the replica, and into the access log.
 * @module
 */
import type { Field, Fields } from "../../../wire/http1/fields.ts";
import { REQUEST_ID_BYTES, REQUEST_ID_FIELD, requestIdOf } from "../../seen/request_id.ts";
import { TRACE_BYTES, traceFields, traceOf } from "../../seen/trace_context.ts";

export interface RequestNames {
  requestId: string;
  traceId: string;
  /** For the replica. */
  fields: readonly Field[];
}

/** Chance comes cheaper in large pieces. */
const POOL_BYTES = 8_192;

export class RequestNamer {
  readonly #pool = new Uint8Array(POOL_BYTES);
  #at = POOL_BYTES;

  /** `isTrusted`: whether the id that the request came with is believed. */
  name(fields: Fields, { isTrusted }: { isTrusted: boolean }): RequestNames {
    const requestId = requestIdOf(fields, { isTrusted, bytes: this.#take(REQUEST_ID_BYTES) });
    // Whether one that begins here is recorded is for those behind to say.
    const trace = traceOf(fields, { bytes: this.#take(TRACE_BYTES), isSampled: false });
    return { requestId, traceId: trace.traceId, fields: [[REQUEST_ID_FIELD, requestId], ...traceFields(trace)] };
  }

  #take(bytes: number): Uint8Array {
    if (this.#at + bytes > POOL_BYTES) {
      crypto.getRandomValues(this.#pool);
      this.#at = 0;
    }
    this.#at += bytes;
    return this.#pool.subarray(this.#at - bytes, this.#at);
  }
}
