/**
 * Tells the agents where services are, for the programs on their hosts: all of it to one that knows nothing, else what
 * has changed. Level-triggered like orders: what an agent knows it says with every health answer, and whatever it lacks
 * is sent, so that nothing has to be remembered about a push that failed.
 * @module
 */
import { addressedServices } from "../../cluster/address.ts";
import type { Endpoint } from "../../cluster/endpoint.ts";
import { type Commit, keyOfChange } from "../../cluster/record.ts";
import { type ClusterState, isRecovering } from "../../cluster/state.ts";
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import { type AgentHealth, EndpointsPosition, type EndpointsPush, type Revocation } from "../../wire/protocol.ts";
import type { AgentClient } from "./agent_client.ts";
import { Gate } from "../gate.ts";

/** Changes within this time go together. */
const GATHER_MS = 100;
const ANSWER_MS = 5_000;
const PUSHES_MAX = 64;
/** Of one service, to one agent: others get others of them. */
const ENDPOINTS_MAX = 256;
/** Services that are no more, and of which agents are still told so. */
const GONE_MAX = 64;

/** Where a service is, since the change of that number. */
interface Told {
  endpoints: readonly Endpoint[];
  seq: number;
}

export interface EndpointPusherOptions {
  state: Readonly<ClusterState>;
  client: Pick<AgentClient, "request">;
  clock: Clock;
  /** Nodes that were removed and may still show what they were given. */
  revoked?: () => Revocation[];
  /** Cuts what is under way. */
  signal: AbortSignal;
}

const log = getLog("endpoints");

export class EndpointPusher {
  readonly #options: EndpointPusherOptions;
  readonly #services = new Map<string, Told>();
  #addressed: ReadonlySet<string> | undefined;
  /** Services have come, gone or changed since `#addressed` was found out. */
  #isStale = false;
  #seq = 0;
  /** What became of services that are no more is forgotten up to here: who knows less is told all anew. */
  #forgottenSeq = 0;
  /** What agents say that they know, by node. */
  readonly #known = new Map<string, EndpointsPosition>();
  readonly #busy = new Set<string>();
  readonly #gate = new Gate(PUSHES_MAX);
  #gathering: ReturnType<typeof setTimeout> | undefined;
  /** The last body that was made: most agents lack the same. */
  #body: { key: string; text: string } | undefined;

  constructor(options: EndpointPusherOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => clearTimeout(this.#gathering), { once: true });
  }

  /** The endpoints of a service have changed. */
  set(service: string, endpoints: readonly Endpoint[]): void {
    this.#services.set(service, { endpoints, seq: ++this.#seq });
    if (!this.#options.state.services.has(service)) this.#isStale = true;
    this.#gather();
  }

  /** A service may be addressed from now on that was not. */
  follow({ changes }: Commit): void {
    if (!changes.some((change) => keyOfChange(change).startsWith("service/"))) return;
    this.#isStale = true;
    this.#gather();
  }

  /** Nodes were removed, or have come back. */
  revocationsChanged(): void {
    this.#seq += 1;
    this.#gather();
  }

  /** An agent has said how far it knows the endpoints. */
  heard(node: string, { cluster, endpoints }: Pick<AgentHealth, "cluster" | "endpoints">): void {
    // While a push is under way, what was said before it must not bring about another.
    if (this.#busy.has(node)) return;
    if (endpoints === undefined || cluster !== this.#options.state.cluster) this.#known.delete(node);
    else this.#known.set(node, endpoints);
    this.#pushTo(node);
  }

  #gather(): void {
    if (this.#options.signal.aborted) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      for (const node of this.#known.keys()) this.#pushTo(node);
    }, GATHER_MS);
  }

  /** A service that is addressed from now on counts as changed now. */
  #findAddressed(): ReadonlySet<string> {
    if (this.#addressed !== undefined && !this.#isStale) return this.#addressed;
    this.#isStale = false;
    const addressed = addressedServices(this.#options.state.services);
    for (const name of addressed) {
      const told = this.#services.get(name);
      if (told !== undefined && this.#addressed?.has(name) === false) told.seq = ++this.#seq;
    }
    this.#addressed = addressed;
    this.#forgetGone(addressed);
    return addressed;
  }

  #forgetGone(addressed: ReadonlySet<string>): void {
    const { services } = this.#options.state;
    const gone = [...this.#services].filter(([name, { endpoints }]) =>
      endpoints.length === 0 && !services.has(name) && !addressed.has(name)
    );
    const newestFirst = gone.toSorted(([, a], [, b]) => b.seq - a.seq);
    for (const [name, { seq }] of newestFirst.slice(GONE_MAX)) {
      this.#services.delete(name);
      this.#forgottenSeq = Math.max(this.#forgottenSeq, seq);
    }
  }

  #pushTo(node: string): void {
    const { state, clock, signal } = this.#options;
    this.#findAddressed();
    const known = this.#known.get(node);
    const url = state.nodes.get(node)?.record.url;
    if (url === undefined) this.#known.delete(node);
    if (known === undefined || url === undefined || this.#busy.has(node) || signal.aborted) return;
    if (known.epoch > state.epoch || (known.epoch === state.epoch && known.seq >= this.#seq)) return;
    // Until the nodes have been heard, what is missing here need not be missing there.
    if (isRecovering(state, clock.now())) return;
    this.#busy.add(node);
    this.#known.delete(node);
    this.#gate.pass(() => this.#push({ node, url, known })).then((taken) => {
      this.#busy.delete(node);
      if (taken === undefined) return;
      this.#known.set(node, taken);
      this.#pushTo(node);
    }, (error) => {
      this.#busy.delete(node);
      if (!signal.aborted) log.error("Cannot tell an agent where services are", { node, error });
    });
  }

  /** Resolves to what the agent knows then; to undefined when it took nothing: with the next probe it says what it needs. */
  async #push(
    { node, url, known }: { node: string; url: string; known: EndpointsPosition },
  ): Promise<EndpointsPosition | undefined> {
    const follows = known.epoch === this.#options.state.epoch && known.seq >= this.#forgottenSeq;
    const body = this.#bodyFor(node, follows ? known.seq : null);
    const signal = AbortSignal.any([this.#options.signal, AbortSignal.timeout(ANSWER_MS)]);
    try {
      const response = await this.#options.client.request(url, "/v1/endpoints", { method: "PUT", body, signal });
      const answer: unknown = await response.json();
      return response.ok ? EndpointsPosition.safeParse(answer).data : undefined;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      log.debug("Cannot tell an agent where services are: it is told later", { url, reason: error.message });
      return undefined;
    }
  }

  #bodyFor(node: string, after: number | null): string {
    const addressed = this.#findAddressed();
    const services = [...this.#services].filter(([name, { endpoints, seq }]) =>
      // Who is told all needs no word of what isn't there.
      seq > (after ?? 0) && (addressed.has(name) || (after !== null && endpoints.length === 0))
    );
    const isSameForAll = services.every(([, { endpoints }]) => endpoints.length <= ENDPOINTS_MAX);
    const key = `${after} ${this.#seq} ${isSameForAll ? "" : node}`;
    if (this.#body?.key === key) return this.#body.text;
    const { cluster, epoch } = this.#options.state;
    const push: EndpointsPush = {
      cluster,
      epoch,
      seq: this.#seq,
      after,
      services: services.map(([name, { endpoints }]) => ({ name, endpoints: someFor(node, endpoints).map(asTold) })),
      revoked: this.#options.revoked?.() ?? [],
    };
    this.#body = { key, text: JSON.stringify(push) };
    return this.#body.text;
  }
}

/** As many as an agent is told of, from a place on that is the node's own. */
function someFor(node: string, endpoints: readonly Endpoint[]): readonly Endpoint[] {
  if (endpoints.length <= ENDPOINTS_MAX) return endpoints;
  const first = Number.parseInt(node.slice(0, 8), 16) % endpoints.length;
  return [...endpoints.slice(first), ...endpoints.slice(0, first)].slice(0, ENDPOINTS_MAX);
}

function asTold({ replica, nodeUrl, suspect }: Endpoint): EndpointsPush["services"][number]["endpoints"][number] {
  return { replica, url: nodeUrl, suspect };
}
