/**
 * Muster's ingress as a process of its own: its threads as the controller starts them, in front of one replica. On
 * "begin" at its standard input the table changes all the time, on "end" no more.
 * @module
 */
import * as z from "zod";
import type { Endpoint } from "../../lib/cluster/endpoint.ts";
import { Route } from "../../lib/cluster/route.ts";
import type { ObjectOf } from "../../lib/cluster/spec_field.ts";
import { tcpSchema } from "../../lib/cluster/tcp_route.ts";
import { startCrew } from "../../lib/ingress/engine/crew.ts";
import { ENGINE_LIMITS } from "../../lib/ingress/engine/limits.ts";
import { systemClock as clock } from "../../lib/runtime/clock.ts";
import type { MusterSettings } from "./peers.ts";

const SERVICE = "payload";
/** All WebSockets are at one replica. */
const ROUTES = [Route.parse({ connections_max: 10_000 })];
const CHANGES_A_MINUTE = 1_000;
/** A change in so many is one of the service that gets the requests. */
const OWN_SHARE = 10;
/** As many as a service's replicas usually are. */
const OWN_ENDPOINTS = 20;

const { port, replica, workers, isTcp = false, others, nodeUrl = "http://127.0.0.1:9090" }: MusterSettings = JSON.parse(
  Deno.args[0]!,
);
const crew = await startCrew({
  module: new URL("../../lib/ingress/engine/worker.ts", import.meta.url),
  workers,
  ports: { plain: [{ host: "127.0.0.1", port: isTcp ? 0 : port }], tls: [] },
  certificates: { served: [], defaultHost: undefined },
  settings: {
    defaultService: SERVICE,
    limits: ENGINE_LIMITS,
    trustedProxies: "",
    accessLog: undefined,
    isTracing: false,
  },
  access: {},
  clock,
});
const tcp = tcpSchema(z.strictObject as unknown as ObjectOf).parse(isTcp ? [{ port }] : []);
const services = [
  { name: SERVICE, endpoints: endpointsOf(others === undefined ? 1 : OWN_ENDPOINTS) },
  ...Array.from({ length: others?.services ?? 0 }, (_, at) => ({
    name: `other-${at}`,
    endpoints: endpointsOf(others!.endpoints),
  })),
];
for (const service of services) tell(service);
if (others !== undefined) await changeWhileTold();

interface Served {
  name: string;
  endpoints: Endpoint[];
}

/** One endpoint of one service is replaced by another, again and again. */
async function changeWhileTold(): Promise<void> {
  let timer: ReturnType<typeof setInterval> | undefined;
  let changes = 0;
  const change = () => {
    const isOwn = changes % OWN_SHARE === 0;
    const service = services[isOwn ? 0 : 1 + changes % (services.length - 1)]!;
    const { endpoints } = service;
    const at = changes % endpoints.length;
    endpoints[at] = endpointAt(at);
    changes++;
    tell(service);
  };
  for await (const told of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    if (told.trim() === "begin") timer = setInterval(change, 60_000 / CHANGES_A_MINUTE);
    else clearInterval(timer);
  }
}

function tell({ name, endpoints }: Served): void {
  crew.set(name, {
    routes: name === SERVICE ? ROUTES : [],
    endpoints: [...endpoints],
    tcp,
    withdrawn: [],
    desired: endpoints.length,
  });
}

function endpointsOf(count: number): Endpoint[] {
  return Array.from({ length: count }, (_, slot) => endpointAt(slot));
}

function endpointAt(slot: number): Endpoint {
  const served = tcp.map((route) => route.port);
  return {
    replica: crypto.randomUUID(),
    slot,
    node: "n1",
    nodeUrl,
    port: replica.port,
    ports: {},
    tcp: served,
    fence: 1,
    suspect: false,
  };
}
