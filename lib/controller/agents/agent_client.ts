/**
 * One HTTP request to one agent. All of the controller's words to agents go through here: they carry the protocol's
 * version and the credential, follow no redirect, and go to an address that has been checked. A host name is looked up
 * and the connection made to the address that came of it; over https the certificate proves the name, which stays.
 * @module
 */
import { toldBy } from "../../runtime/told.ts";
import { PROTOCOL, PROTOCOL_HEADER } from "../../wire/protocol.ts";
import { forbiddenAddress, isAddress, type Lookup, resolveHost, systemLookup } from "./agent_url.ts";

/** For how long an address that a name stands for is used before the name is looked up again. */
const LOOKUP_KEPT_MS = 10_000;
const LOOKUPS_MAX = 20_000;
const IDLE_PER_AGENT_MAX = 4;
const IDLE_MS = 30_000;

/** A request that got no answer, with what people are told about it. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

export interface AgentRequest {
  method?: "GET" | "PUT" | "POST";
  /** JSON. */
  body?: string;
  /** What is sent in its place, as it is. */
  bytes?: Uint8Array;
  signal: AbortSignal;
  /** How long the head of the answer may take; its body may take as long as `signal` lets it. */
  headMs?: number;
}

export interface AgentClientOptions {
  token?: string | undefined;
  /** What the agent at that address is shown, where each has its own. */
  credentialFor?: (base: string) => Promise<string | undefined>;
  /** Certificates of the authorities that agents are believed by. */
  caCerts?: string[];
  now: () => number;
  lookup?: Lookup;
}

export class AgentClient implements Disposable {
  #client: Deno.HttpClient;
  readonly #credentialFor: AgentClientOptions["credentialFor"];
  readonly #headers: Readonly<Record<string, string>>;
  readonly #now: () => number;
  readonly #lookup: Lookup;
  readonly #addresses = new Map<string, { address: string; atMs: number }>();

  constructor({ token, credentialFor, caCerts, now, lookup = systemLookup }: AgentClientOptions) {
    this.#client = newClient(caCerts);
    this.#credentialFor = credentialFor;
    const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.#headers = { [PROTOCOL_HEADER]: String(PROTOCOL), ...authorization };
    this.#now = now;
    this.#lookup = lookup;
  }

  /** The agent's answer, whatever its status. Throws `NoAnswer` when there is none. */
  async request(base: string, path: string, asked: AgentRequest): Promise<Response> {
    const { method = "GET", body, bytes, headMs } = asked;
    const url = `${await this.#checked(base)}${path}`;
    const late = new AbortController();
    const timer = headMs === undefined ? undefined : setTimeout(() => late.abort(), headMs);
    const signal = AbortSignal.any([asked.signal, late.signal]);
    try {
      const own = await this.#credentialFor?.(base);
      const headers = {
        ...this.#headers,
        ...(own === undefined ? {} : { authorization: `Bearer ${own}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(bytes === undefined ? {} : { "content-type": "application/octet-stream" }),
      };
      const init = { method, headers, signal, redirect: "manual" as const, client: this.#client };
      const content = body ?? bytes;
      return await fetch(url, content === undefined ? init : { ...init, body: content as BodyInit });
    } catch (error) {
      throw new NoAnswer(late.signal.aborted ? "no answer in time" : reasonOf(error), { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Believes agents by these authorities from now on. Requests and streams under way go on as they are. */
  trust(caCerts: string[]): void {
    this.#client.close();
    this.#client = newClient(caCerts);
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  /** The agent's origin with an address that may be connected to. */
  async #checked(base: string): Promise<string> {
    const url = new URL(base);
    if (isAddress(url.hostname)) {
      const detail = forbiddenAddress(url.hostname);
      if (detail !== undefined) throw new NoAnswer(`refused to connect to ${detail}`);
      return base;
    }
    const address = await this.#addressOf(url.hostname);
    if (url.protocol === "https:") return base;
    url.hostname = address.includes(":") ? `[${address}]` : address;
    return url.origin;
  }

  async #addressOf(hostname: string): Promise<string> {
    const known = this.#addresses.get(hostname);
    if (known !== undefined && this.#now() - known.atMs < LOOKUP_KEPT_MS) return known.address;
    const resolved = await resolveHost(hostname, this.#lookup);
    if (resolved.kind !== "resolved") throw new NoAnswer(resolved.detail);
    if (this.#addresses.size >= LOOKUPS_MAX) this.#addresses.clear();
    this.#addresses.set(hostname, { address: resolved.address, atMs: this.#now() });
    return resolved.address;
  }
}

function newClient(caCerts: string[] | undefined): Deno.HttpClient {
  const pooling = { poolMaxIdlePerHost: IDLE_PER_AGENT_MAX, poolIdleTimeout: IDLE_MS };
  return Deno.createHttpClient(caCerts === undefined ? pooling : { ...pooling, caCerts });
}

/** What went wrong, for people; whoever gave the signal knows its own deadline better. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  if (error.name === "TimeoutError") return "no answer in time";
  const told = toldBy(error);
  if (/connection refused/i.test(told)) return "connection refused";
  if (/connection reset/i.test(told)) return "connection reset";
  if (/no route|unreachable/i.test(told)) return "host unreachable";
  return told;
}
