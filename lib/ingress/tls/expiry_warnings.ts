/**
 * Warns of certificates that are about to expire: once each 14 days and one day before, and when it is too late.
 * @module
 */
import { getLog } from "../../runtime/log.ts";

const DAY_MS = 86_400_000;
/** The latest first. */
const WARN_BEFORE_MS = [0, DAY_MS, 14 * DAY_MS];

const log = getLog("ingress");

export interface Expiry {
  /** What the operator calls the certificate. */
  readonly name: string;
  /** Since 1970-01-01 UTC. */
  readonly expiresMs: number;
}

export class ExpiryWarnings {
  /** What was warned of last, by certificate. */
  readonly #warned = new Map<string, { readonly expiresMs: number; readonly beforeMs: number }>();

  /** To be asked now and then. */
  check(expiries: readonly Expiry[], nowMs: number): void {
    for (const expiry of expiries) this.#checkOne(expiry, nowMs);
    const names = new Set(expiries.map(({ name }) => name));
    for (const name of this.#warned.keys()) if (!names.has(name)) this.#warned.delete(name);
  }

  #checkOne({ name, expiresMs }: Expiry, nowMs: number): void {
    const leftMs = expiresMs - nowMs;
    const beforeMs = WARN_BEFORE_MS.find((ms) => leftMs <= ms);
    if (beforeMs === undefined) return;
    const last = this.#warned.get(name);
    if (last?.expiresMs === expiresMs && last.beforeMs <= beforeMs) return;
    this.#warned.set(name, { expiresMs, beforeMs });
    const fields = { certificate: name, expires: new Date(expiresMs).toISOString() };
    if (leftMs <= 0) log.error("A certificate has expired: clients refuse it", fields);
    else log.warn("A certificate is about to expire: renew it", { ...fields, days: Math.ceil(leftMs / DAY_MS) });
  }
}
