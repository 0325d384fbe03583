/**
 * A program that does nothing but append: tests kill it, take its disk away, and look at what is left. Each append puts
 * a pair of records that belong together; `<revision> <fence>` is printed once it is acknowledged.
 * Usage: store_appender.ts <path>
 * @module
 */
import { put } from "../../lib/cluster/record.ts";
import { openSqliteStore } from "../../lib/controller/store/sqlite.ts";
import { systemRandom } from "../../lib/runtime/random.ts";
import { assignmentRecord } from "./store_records.ts";

const CLIENTS = 8;

const encoder = new TextEncoder();
const say = (line: string) => void Deno.stdout.writeSync(encoder.encode(`${line}\n`));

const store = await openSqliteStore({ path: Deno.args[0] ?? "", random: systemRandom });
const { epoch, lost } = await store.lead();
lost.addEventListener("abort", () => say(`lost ${lost.reason.name}`));
let fence = epoch * 1_000_000;

async function append(): Promise<void> {
  while (true) {
    fence += 1;
    const pair = [assignmentRecord({ fence, slot: 0 }), assignmentRecord({ fence, slot: 1 })];
    const acknowledged = `${pair[0]?.fence}`;
    const outcome = await store.append(pair.map(put));
    if (outcome.kind !== "committed") throw new Error(`Cannot append: ${outcome.kind}`);
    say(`${outcome.revision} ${acknowledged}`);
  }
}

try {
  await Promise.all(Array.from({ length: CLIENTS }, append));
} catch (error) {
  say(`failed ${(error as Error).name}`);
  Deno.exit(70);
}
