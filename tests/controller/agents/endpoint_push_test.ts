import { assertEquals } from "@std/assert";
import type { Endpoint } from "../../../lib/cluster/endpoint.ts";
import { put } from "../../../lib/cluster/record.ts";
import { type ClusterState, emptyState } from "../../../lib/cluster/state.ts";
import { EndpointPusher } from "../../../lib/controller/agents/endpoint_push.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { EndpointsPush } from "../../../lib/wire/protocol.ts";
import { CLUSTER, idOf, node, service } from "../../support/builders.ts";

/** Agents that take what follows what they know, as far as `refuse` lets them. */
class Agents {
  readonly pushes: EndpointsPush[] = [];
  readonly known = new Map<string, { epoch: number; seq: number }>();
  refuse: ((push: EndpointsPush) => Response | undefined) | undefined;
  #news = Promise.withResolvers<void>();

  request(url: string, _path: string, { body = "" }: { body?: string }): Promise<Response> {
    const push = EndpointsPush.parse(JSON.parse(body));
    this.pushes.push(push);
    this.#news.resolve();
    this.#news = Promise.withResolvers();
    const refused = this.refuse?.(push);
    if (refused !== undefined) return Promise.resolve(refused);
    const { epoch, seq } = push;
    this.known.set(url, { epoch, seq });
    return Promise.resolve(Response.json({ epoch, seq }));
  }

  async atLeast(count: number): Promise<void> {
    while (this.pushes.length < count) await this.#news.promise;
  }
}

interface Rig extends Disposable {
  state: ClusterState;
  agents: Agents;
  pusher: EndpointPusher;
  /** Node 1 says what it knows. */
  heard: (seq: number, epoch?: number) => void;
}

function rigOf(services: string[]): Rig {
  const ending = new AbortController();
  const state = emptyState({ misses: 3, lostAfterMs: 3_000 });
  state.cluster = CLUSTER;
  state.epoch = 5;
  for (const name of services) addService(state, name);
  const record = node(1);
  state.nodes.set(record.id, { record } as never);
  const agents = new Agents();
  const pusher = new EndpointPusher({ state, client: agents, clock: systemClock, signal: ending.signal });
  return {
    state,
    agents,
    pusher,
    heard: (seq, epoch = 5) => pusher.heard(record.id, { cluster: CLUSTER, endpoints: { epoch, seq } }),
    [Symbol.dispose]: () => ending.abort(),
  };
}

function addService(state: ClusterState, name: string, command = ["x"]): void {
  state.services.set(name, { record: service(name, 1, { command }) } as never);
}

function endpoint(n: number, { suspect = false } = {}): Endpoint {
  const nodeUrl = "http://10.0.0.1:9090";
  return {
    replica: idOf("replica", n),
    slot: n,
    node: idOf("node", 1),
    nodeUrl,
    port: 1,
    ports: {},
    tcp: [],
    fence: 1,
    suspect,
  };
}

const told = (push: EndpointsPush | undefined) => push?.services.map(({ name, endpoints }) => [name, endpoints.length]);

Deno.test("EndpointPusher tells an agent that knows nothing all, and later what has changed since", async () => {
  using rig = rigOf(["db", "web"]);
  rig.pusher.set("db", [endpoint(1), endpoint(2, { suspect: true })]);
  rig.pusher.set("web", [endpoint(3)]);
  rig.heard(0, 0);
  await rig.agents.atLeast(1);
  const [first] = rig.agents.pushes;
  assertEquals([first!.epoch, first!.seq, first!.after], [5, 2, null]);
  assertEquals(first!.services[0], {
    name: "db",
    endpoints: [
      { replica: idOf("replica", 1), url: "http://10.0.0.1:9090", suspect: false },
      { replica: idOf("replica", 2), url: "http://10.0.0.1:9090", suspect: true },
    ],
  });
  rig.pusher.set("web", []);
  await rig.agents.atLeast(2);
  const [, second] = rig.agents.pushes;
  assertEquals([second!.seq, second!.after, told(second)], [3, 2, [["web", 0]]]);
  rig.heard(3);
  assertEquals(rig.agents.pushes.length, 2, "an agent that knows all is left alone");
});

Deno.test("EndpointPusher gathers what changes within a moment, and waits for one push before the next", async () => {
  using rig = rigOf(["db"]);
  rig.heard(0);
  for (let count = 1; count <= 10; count++) rig.pusher.set("db", [endpoint(count)]);
  await rig.agents.atLeast(1);
  assertEquals(told(rig.agents.pushes[0]), [["db", 1]]);
  assertEquals([rig.agents.pushes.length, rig.agents.pushes[0]!.seq], [1, 10]);
});

Deno.test("EndpointPusher tells again what was refused or got lost, by what the agent says it knows", async () => {
  using rig = rigOf(["db"]);
  rig.pusher.set("db", [endpoint(1)]);
  rig.agents.refuse = () => Response.json({ status: 409 }, { status: 409 });
  rig.heard(0);
  await rig.agents.atLeast(1);
  // Until the refusal has been taken in, what is heard counts for nothing.
  const again = setInterval(() => rig.heard(0), 5);
  await rig.agents.atLeast(2);
  rig.agents.refuse = undefined;
  await rig.agents.atLeast(3);
  clearInterval(again);
  assertEquals([...rig.agents.known.values()], [{ epoch: 5, seq: 1 }]);
});

Deno.test("EndpointPusher leaves alone who is led by a newer epoch, another cluster's, too old, or not to be judged yet", () => {
  using rig = rigOf(["db"]);
  rig.pusher.set("db", [endpoint(1)]);
  rig.heard(0, 6);
  const id = idOf("node", 1);
  rig.pusher.heard(id, { cluster: null, endpoints: { epoch: 0, seq: 0 } });
  rig.pusher.heard(id, { cluster: CLUSTER });
  rig.pusher.heard(idOf("node", 2), { cluster: CLUSTER, endpoints: { epoch: 0, seq: 0 } });
  rig.state.unheard.add(id);
  rig.state.loadedMs = systemClock.now();
  rig.heard(0, 0);
  assertEquals(rig.agents.pushes, []);
});

Deno.test("EndpointPusher tells of many services only those that are addressed, from when they are", async () => {
  using rig = rigOf(Array.from({ length: 65 }, (_, at) => `s${at}`));
  rig.pusher.set("s1", [endpoint(1)]);
  rig.pusher.set("s2", [endpoint(2)]);
  rig.heard(0, 0);
  await rig.agents.atLeast(1);
  assertEquals(told(rig.agents.pushes[0]), []);
  addService(rig.state, "s3", ["x", "${MUSTER_ADDR_S2}"]);
  rig.pusher.follow({ revision: 2, changes: [put(service("s3", 1))] });
  await rig.agents.atLeast(2);
  assertEquals([rig.agents.pushes[1]!.after, told(rig.agents.pushes[1])], [2, [["s2", 1]]]);
});

Deno.test("EndpointPusher tells each agent of a part of very many replicas, and another part to others", async () => {
  using rig = rigOf(["db"]);
  const other = { ...node(2), id: "ffffffff-0000-4000-8000-000000000002" };
  rig.state.nodes.set(other.id, { record: other } as never);
  rig.pusher.set("db", Array.from({ length: 1_000 }, (_, at) => endpoint(at + 1)));
  rig.heard(0);
  rig.pusher.heard(other.id, { cluster: CLUSTER, endpoints: { epoch: 0, seq: 0 } });
  await rig.agents.atLeast(2);
  const [first, second] = rig.agents.pushes.map(({ services }) => services[0]!.endpoints.map(({ replica }) => replica));
  assertEquals([new Set(first).size, new Set(second).size], [256, 256]);
  assertEquals(first![0] === second![0], false);
});

Deno.test("EndpointPusher forgets services that are no more: a new agent hears nothing of them, an old one all anew", async () => {
  using rig = rigOf(["db"]);
  rig.pusher.set("db", [endpoint(1)]);
  rig.heard(1);
  for (let n = 0; n < 1_000; n++) {
    rig.pusher.set(`preview-${n}`, [endpoint(2)]);
    rig.pusher.set(`preview-${n}`, []);
  }
  await rig.agents.atLeast(1);
  const [first] = rig.agents.pushes;
  assertEquals([first!.after, told(first)], [null, [["db", 1]]], "it may know of some that are forgotten");
  addService(rig.state, "web");
  rig.pusher.set("web", []);
  await rig.agents.atLeast(2);
  assertEquals([rig.agents.pushes[1]!.after, told(rig.agents.pushes[1])], [2_001, [["web", 0]]]);
});

Deno.test("EndpointPusher tells an agent that follows of a service that is no more", async () => {
  using rig = rigOf(["db"]);
  rig.pusher.set("web", [endpoint(1)]);
  rig.heard(1);
  rig.pusher.set("web", []);
  await rig.agents.atLeast(1);
  assertEquals([rig.agents.pushes[0]!.after, told(rig.agents.pushes[0])], [1, [["web", 0]]]);
});
