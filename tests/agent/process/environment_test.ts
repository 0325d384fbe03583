import { assertEquals } from "@std/assert";
import { replicaEnvironment } from "../../../lib/agent/process/environment.ts";
import { assignment, idOf, instanceRecord, type SpecFields } from "../../support/builders.ts";
import { order } from "../../support/little_agent.ts";

const PLACE = {
  nodeId: idOf("agent", 1),
  node: "n1",
  address: "10.0.0.5",
  dataFolder: "/var/lib/muster",
  addresses: { MUSTER_ADDR_MY_DB: "127.0.0.1:20042" },
};
const OWN = new Map([["PATH", "/bin"], ["SECRET", "of the agent"]]);

function environmentOf(fields: SpecFields, ports: Record<string, number> = {}) {
  return replicaEnvironment({ record: instanceRecord(1, { ports }), order: order(assignment(1), fields) }, PLACE, OWN);
}

function valuesOf(
  fields: SpecFields,
  names: string[],
  ports?: Record<string, number>,
): (string | undefined)[] | string {
  const made = environmentOf(fields, ports);
  return made.kind === "made" ? names.map((name) => made.env[name]) : made.reason;
}

Deno.test("replicaEnvironment() names ports, data and files, and none that there are not", () => {
  const ports = { "a-b": 20_005, pg: 5_432 };
  const fields: SpecFields = {
    ports: { "a-b": 0, pg: 5_432 },
    data: { per_slot: true },
    files: { a: { template: "" } },
  };
  assertEquals(valuesOf(fields, ["PORT_A_B", "PORT_PG", "MUSTER_DATA", "MUSTER_FILES", "NODE_ADDRESS"], ports), [
    "20005",
    "5432",
    "/var/lib/muster/slots/web.0",
    `/var/lib/muster/files/${idOf("replica", 1)}`,
    "10.0.0.5",
  ]);
  assertEquals(valuesOf({}, ["MUSTER_DATA", "MUSTER_FILES", "SECRET"]), [undefined, undefined, undefined]);
});

Deno.test("replicaEnvironment() puts variables into variables: Muster's, the host's, and those written before", () => {
  const env = { URL: "http://${HOST}:${PORT}", PATH: "/opt/bin:${PATH}", HEALTH: "${URL}/healthz", RAW: "$${PORT}" };
  assertEquals(valuesOf({ env }, Object.keys(env)), [
    "http://127.0.0.1:20001",
    "/opt/bin:/bin",
    "http://127.0.0.1:20001/healthz",
    "${PORT}",
  ]);
});

Deno.test("replicaEnvironment() lets Muster's own variables win, also where they are put in", () => {
  assertEquals(valuesOf({ env: { PORT: "1", COPY: "${PORT}" } }, ["PORT", "COPY"]), ["20001", "20001"]);
});

Deno.test("replicaEnvironment() refuses a variable that is not known, or not yet", () => {
  const refusal = (name: string, unknown: string) =>
    `Cannot make the variable ${name}: there is no variable ${unknown}; write $\${${unknown}} for a plain ` +
    `\${${unknown}}; a variable sees those of Muster and those written before it`;
  assertEquals(valuesOf({ env: { A: "${SECRET}" } }, []), refusal("A", "SECRET"));
  assertEquals(valuesOf({ env: { A: "${B}", B: "1" } }, []), refusal("A", "B"));
  assertEquals(valuesOf({ env: { A: "${A}" } }, []), refusal("A", "A"));
});

Deno.test("replicaEnvironment() tells the addresses of services, also to the service's own variables, which can't change them", () => {
  const fields: SpecFields = { env: { DB: "redis://${MUSTER_ADDR_MY_DB}/0", MUSTER_ADDR_MY_DB: "elsewhere" } };
  assertEquals(valuesOf(fields, ["DB", "MUSTER_ADDR_MY_DB"]), ["redis://127.0.0.1:20042/0", "127.0.0.1:20042"]);
});
