/**
 * Nobody notices that replicas are withdrawn: requests by MUSTER_ADDR_<SERVICE> from every host,
 * while most replicas of the service are taken away.
 * @module
 */
import { assertEquals, assertGreater } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { readAddresses } from "../../lib/agent/address_file.ts";
import { startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";

const SERVICE = "web";
/** Requests at once, to each way in. */
const CLIENTS = 6;
const ROUNDS = 3;
const ENOUGH = 50;

interface Load {
  answered: () => number;
  /** Ends it and gives what failed. */
  end: () => Promise<string[]>;
}

/** Asks again and again, each time over a new connection. */
function load(url: string): Load {
  const failures: string[] = [];
  let answered = 0;
  let isOver = false;
  const http = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (!isOver) {
      try {
        const response = await fetch(url, { client: http });
        const text = await response.text();
        if (response.ok) answered += 1;
        else failures.push(`${url} ${response.status} ${text}`);
      } catch (error) {
        failures.push(`${url} ${error} ${(error as Error).cause}`);
      }
    }
  });
  return {
    answered: () => answered,
    end: async () => {
      isOver = true;
      await Promise.all(clients);
      http.close();
      return failures;
    },
  };
}

Deno.test({
  name: "a scale-down under load fails no request, by a service's address on any host",
  ignore: !granted || Deno.build.os !== "linux",
  fn: async () => {
    await using cluster = await startCluster({ agents: 2 });
    const command = ["payload", "--latency", "20ms"];
    await cluster.putService(SERVICE, { command, replicas: 8, health: { http: "/readyz" } });
    await cluster.ready(8, { service: SERVICE });
    const portOn = (data: string) =>
      until(async () => (await readAddresses(data)).ports[SERVICE], { what: "the service to have an address" });
    const urls = (await Promise.all(cluster.agents.map(({ data }) => portOn(data)))).map((port) =>
      `http://127.0.0.1:${port}/`
    );
    const loads = urls.map(load);
    for (let round = 0; round < ROUNDS; round++) {
      await cluster.scale(1, SERVICE);
      await cluster.ready(1, { service: SERVICE });
      const answered = loads.map((one) => one.answered());
      await until(() => loads.every((one, at) => one.answered() > answered[at]! + ENOUGH), { what: "more answers" });
      await cluster.scale(8, SERVICE);
      await cluster.ready(8, { service: SERVICE });
    }
    const failures = (await Promise.all(loads.map((one) => one.end()))).flat();
    assertEquals(failures.slice(0, 5), [], `${failures.length} failed`);
    for (const one of loads) assertGreater(one.answered(), ROUNDS * ENOUGH);
  },
});
