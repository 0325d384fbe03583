/**
 * What a program says when it can be reached by others and is less protected than it could be. Whoever chose that knows;
 * whoever finds it running later reads it in the log.
 * @module
 */

/** Whether only this host reaches the address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

export interface Exposure {
  host: string;
  /** Everybody needs a credential. */
  guarded: boolean;
  /** Nothing passes in clear text. */
  encrypted: boolean;
  /** What a stranger could do. */
  deed: string;
  /** What to give instead. */
  instead: string;
}

/** The warning; undefined where there is nothing to warn of. */
export function warningOf({ host, guarded, encrypted, deed, instead }: Exposure): string | undefined {
  if (isLoopback(host) || encrypted) return undefined;
  return guarded
    ? `The token and all traffic pass in clear text: who reads along on the network can ${deed}; ${instead}`
    : `INSECURE: everybody who reaches ${host} can ${deed}; this is for a lab, else ${instead}`;
}
