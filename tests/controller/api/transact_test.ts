import { assertEquals } from "@std/assert";
import type { Store } from "../../../lib/controller/store/store.ts";
import { put } from "../../../lib/cluster/record.ts";
import { defaultService } from "../../../lib/cluster/service_record.ts";
import { startApi } from "./harness.ts";

Deno.test("a write on a full disk is 507, changes nothing, and works once there is room", async () => {
  let full = true;
  const wrapStore = (store: Store): Store => ({
    load: () => store.load(),
    lead: () => store.lead(),
    watch: (listener) => store.watch(listener),
    replace: (snapshot) => store.replace(snapshot),
    append: (changes, options) => full ? Promise.resolve({ kind: "full" }) : store.append(changes, options),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  });
  await using harness = await startApi({ wrapStore });
  const response = await harness.call("POST", "/scale", { body: { replicas: 2 } });
  assertEquals([response.status, response.headers.get("retry-after")], [507, "5"]);
  assertEquals(harness.api.state.services.get("payload")?.record.desired, 0);
  full = false;
  assertEquals((await harness.call("POST", "/scale", { body: { replicas: 2 } })).status, 202);
});

Deno.test("a write that somebody else overtakes is drafted anew from what they wrote", async () => {
  let overtakings = 3;
  const wrapStore = (store: Store): Store => ({
    load: () => store.load(),
    lead: () => store.lead(),
    watch: (listener) => store.watch(listener),
    replace: (snapshot) => store.replace(snapshot),
    append: async (changes, options) => {
      if (overtakings-- > 0) await store.append([put({ ...defaultService(), name: `other-${overtakings}` })]);
      return await store.append(changes, options);
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  });
  await using harness = await startApi({ wrapStore });
  const response = await harness.call("POST", "/scale", { body: { replicas: 2 } });
  assertEquals([response.status, (await response.json()).revision], [202, 5]);
  assertEquals(harness.api.state.services.size, 4);
});

Deno.test("the state shows a write by the time it is answered", async () => {
  await using harness = await startApi();
  for (let replicas = 1; replicas <= 20; replicas++) {
    await harness.call("POST", "/scale", { body: { replicas } });
    assertEquals(harness.api.state.services.get("payload")?.record.desired, replicas);
  }
});
