import { assertEquals } from "@std/assert";
import type { UsageSample } from "../../../lib/agent/platform/platform.ts";
import { UsageSampler } from "../../../lib/agent/usage/usage_sampler.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";

const MEMORY = { total: 1_000, available: 400 };

/** A host on which processes use what the test says. */
function hostOf(found: UsageSample | undefined) {
  let nowMs = 0;
  let samples = 0;
  const host = { found };
  const replicas = new Map([["r1", { instance: "a" as string | null, pid: 10 as number | null }]]);
  const sampler = new UsageSampler({
    platform: found === undefined ? {} : {
      usage: (leaders) => {
        samples += 1;
        assertEquals([...leaders], [...replicas.values()].flatMap(({ pid }) => pid ?? []));
        return Promise.resolve(host.found!);
      },
    },
    clock: { ...systemClock, now: () => nowMs },
    replicas,
    memory: () => MEMORY,
  });
  const pass = (ms: number) => nowMs += ms;
  return { host, sampler, replicas, pass, samples: () => samples };
}

const using = (cpuS: number, busyS: number): UsageSample => ({
  sessions: new Map([[10, { cpuS, memoryBytes: 50 }], [99, { cpuS: 5, memoryBytes: 1 }]]),
  host: { busyS },
});

Deno.test("read() tells cores since the measurement before, and of none before only memory", async () => {
  const { host, sampler, pass } = hostOf(using(7, 100));
  assertEquals(await sampler.read(), {
    cpu: null,
    memory_bytes: 600,
    replicas: [{ id: "r1", cpu: null, memory_bytes: 50 }],
  });
  pass(2_000);
  host.found = using(8, 103);
  const { cpu, replicas } = await sampler.read();
  assertEquals([cpu, replicas[0]?.cpu], [1.5, 0.5]);
  pass(3_600_000);
  assertEquals((await sampler.read()).cpu, null, "an hour ago is not now");
});

Deno.test("read() measures once a second at most, however many ask", async () => {
  const { sampler, pass, samples } = hostOf(using(0, 0));
  await Promise.all([sampler.read(), sampler.read()]);
  pass(999);
  await sampler.read();
  assertEquals(samples(), 1);
  pass(1);
  await sampler.read();
  assertEquals(samples(), 2);
});

Deno.test("read() compares a process with itself, and tells of none that is not there", async () => {
  const { host, sampler, replicas, pass } = hostOf(using(7, 0));
  await sampler.read();
  pass(1_000);
  replicas.set("r1", { instance: "b", pid: 10 });
  host.found = using(0.5, 0);
  assertEquals((await sampler.read()).replicas, [{ id: "r1", cpu: null, memory_bytes: 50 }]);
  pass(1_000);
  host.found = { sessions: new Map(), host: { busyCores: 1.25 } };
  assertEquals(await sampler.read(), {
    cpu: 1.25,
    memory_bytes: 600,
    replicas: [{ id: "r1", cpu: null, memory_bytes: null }],
  });
  pass(1_000);
  replicas.set("r1", { instance: null, pid: null });
  assertEquals((await sampler.read()).replicas, []);
});

Deno.test("read() tells what it can on a host that measures no processes", async () => {
  const { sampler } = hostOf(undefined);
  assertEquals(await sampler.read(), {
    cpu: null,
    memory_bytes: 600,
    replicas: [{ id: "r1", cpu: null, memory_bytes: null }],
  });
});
