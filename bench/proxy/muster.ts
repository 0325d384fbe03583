/**
 * Muster's proxy as the controller serves it. Takes its own port and the replica's.
 * @module
 */
import { createProxy } from "../../lib/ingress/proxy.ts";
import { EndpointTable } from "../../lib/ingress/table.ts";
import { systemClock } from "../../lib/runtime/clock.ts";

const [port, replicaPort] = Deno.args;
const table = new EndpointTable();
const nodeUrl = "http://127.0.0.1:9090";
table.replace("payload", [
  {
    replica: "r1",
    slot: 0,
    node: "n1",
    nodeUrl,
    port: Number(replicaPort),
    ports: {},
    tcp: [],
    fence: 1,
    suspect: false,
  },
]);
const proxy = createProxy({ table, service: "payload", clock: systemClock, access: {} });
Deno.serve({ hostname: "127.0.0.1", port: Number(port), onListen: () => {} }, proxy.handle);
