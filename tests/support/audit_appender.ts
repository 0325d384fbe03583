/**
 * A program that does nothing but append to an audit log: tests kill it and look at what is left. The request's id is
 * printed once its entry is acknowledged.
 * Usage: audit_appender.ts <data folder> <round>
 * @module
 */
import { openAuditLog } from "../../lib/controller/audit/audit_log.ts";
import { systemClock as clock } from "../../lib/runtime/clock.ts";
import { askedEntry, CLUSTER } from "./audit_lines.ts";

const CLIENTS = 8;
/** Small, so that files are set aside all the time. */
const FILE_BYTES_MAX = 20_000;

const [data = "", round = "0"] = Deno.args;
const encoder = new TextEncoder();
const audit = await openAuditLog({ data, cluster: CLUSTER, clock, fileBytesMax: FILE_BYTES_MAX });
let nth = Number(round) * 1_000_000;

async function append(): Promise<void> {
  while (true) {
    const entry = askedEntry(nth += 1);
    await audit.append(entry);
    if (entry.kind === "asked") Deno.stdout.writeSync(encoder.encode(`${entry.request}\n`));
  }
}

await Promise.all(Array.from({ length: CLIENTS }, append));
