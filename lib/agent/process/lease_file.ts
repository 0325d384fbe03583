/**
 * `<data>/lease`: until when the processes of exclusive replicas may live, for the keeper, and the contact from which
 * that follows, for the next agent process. Written whole at each contact; not there while there is no such process.
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import type { Contact, Moment } from "../session/contact.ts";
import type { Leases } from "../session/isolation.ts";

/** The first line; the keeper skips it, as it doesn't begin with a number. */
const Noted = z.object({
  contact: z.object({ node: z.uuid(), epoch: z.int().min(0), bootMs: z.number() }),
  boot: z.string(),
});

export function leasePath(folder: string): string {
  return join(folder, "lease");
}

/** Hundredths of a second on the host's own clock: until when an instance may live. */
export function untilOf({ contact }: Leases, lastsMs: number): number {
  return Math.floor((contact.bootMs + lastsMs) / 10);
}

/** Returns once the keeper can read it. */
export function writeLease(folder: string, leases: Leases, boot: string): void {
  const { node, epoch, bootMs } = leases.contact;
  const lines = leases.instances.map(({ instance, lastsMs }) => `${untilOf(leases, lastsMs)} ${instance}`);
  const text = [JSON.stringify({ contact: { node, epoch, bootMs }, boot }), ...lines, ""].join("\n");
  const path = leasePath(folder);
  // It only matters for as long as this boot lasts: the disk need not have it.
  Deno.writeTextFileSync(`${path}.new`, text, { mode: 0o600 });
  Deno.renameSync(`${path}.new`, path);
}

export function removeLease(folder: string): void {
  try {
    Deno.removeSync(leasePath(folder));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** The contact that a former agent process noted in this boot. */
export function readLease(folder: string, { boot, moment }: { boot: string; moment: Moment }): Contact | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(leasePath(folder));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return undefined;
  }
  const noted = Noted.safeParse(jsonOrUndefined(text.split("\n", 1)[0] ?? ""));
  if (!noted.success || noted.data.boot !== boot) return undefined;
  const { contact } = noted.data;
  return { ...contact, nowMs: moment.nowMs - (moment.bootMs - contact.bootMs) };
}

function jsonOrUndefined(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
