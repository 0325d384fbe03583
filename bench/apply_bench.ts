/**
 * `deno run -A bench/apply_bench.ts [services]`: small services applied one after the other over HTTP, each durable before
 * it is answered, beside as many appends of one client to the store alone, in turn, in one run.
 * @module
 */
import { put } from "../lib/cluster/record.ts";
import { openSqliteStore } from "../lib/controller/store/sqlite.ts";
import { systemRandom } from "../lib/runtime/random.ts";
import { startProgram } from "../scripts/local_program.ts";
import { assignmentRecord } from "../tests/support/store_records.ts";

const TURNS = 3;
/** Applied before, so that the controller's compiler has seen it all. */
const WARM_UP = 300;

/** Writes so many times in a row; gives the seconds that took. */
type Writing = (count: number) => Promise<number>;

async function main([count = "500"]: string[]): Promise<void> {
  const ways: Record<string, Writing> = {
    "POST /v1/apply, services scaled to 0": (count) => applyAll(count, { replicas: 0 }),
    "POST /v1/apply, 1 replica each, no host yet": (count) => applyAll(count, { replicas: 1 }),
    "appends to the store alone": appendAll,
  };
  const perSecond = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [name, write] of Object.entries(ways)) {
      perSecond.get(name)!.push(Number(count) / await write(Number(count)));
    }
  }
  for (const [name, rates] of perSecond) {
    const sorted = rates.toSorted((a, b) => a - b);
    const range = `${Math.round(sorted[0]!)}–${Math.round(sorted.at(-1)!)}`;
    console.log(`${count} × ${name}`.padEnd(52), `${Math.round(sorted[sorted.length >> 1]!)} /s (${range})`);
  }
}

async function applyAll(count: number, { replicas }: { replicas: number }): Promise<number> {
  const data = await Deno.makeTempDir();
  await using controller = await startProgram("controller", { data });
  let sinceMs = performance.now();
  for (let at = -WARM_UP; at < count; at++) {
    if (at === 0) sinceMs = performance.now();
    const warm = at < 0;
    const spec = {
      name: `${warm ? "w" : "s"}${Math.abs(at)}`,
      command: ["sleep", "60"],
      replicas: warm ? 0 : replicas,
    };
    const response = await fetch(`${controller.url}/v1/apply`, { method: "POST", body: JSON.stringify(spec) });
    const text = await response.text();
    if (!response.ok) throw new Error(`Cannot measure: POST /v1/apply gave ${response.status}: ${text}`);
  }
  return (performance.now() - sinceMs) / 1_000;
}

async function appendAll(count: number): Promise<number> {
  const folder = await Deno.makeTempDir();
  try {
    await using store = await openSqliteStore({ path: `${folder}/store.db`, random: systemRandom });
    const sinceMs = performance.now();
    for (let at = 0; at < count; at++) {
      await store.append([put(assignmentRecord({ id: systemRandom.uuid(), slot: at }))], {});
    }
    return (performance.now() - sinceMs) / 1_000;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await main(Deno.args);
