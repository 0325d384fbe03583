/**
 * Audit logs for tests: entries, whole chains of them, and the way from a text to the lines that are verified.
 * @module
 */
import { join } from "node:path";
import { AUDIT_ORIGIN, type AuditEntry, sealAuditLine } from "../../lib/wire/audit.ts";
import type { AuditText } from "../../lib/wire/audit_files.ts";

export const CLUSTER = "00000000-0000-4000-8000-00000000c0de";

export function askedEntry(nth: number, { what = `replicas=${nth}` } = {}): AuditEntry {
  const asker = { request: `r${nth}`, who: "person alice (operator)", from: "10.0.0.7" };
  return { kind: "asked", ...asker, method: "POST", path: "/scale", what };
}

/** The lines of a log of so many, the first of which begins it. */
export function chainOf(count: number, { from = AUDIT_ORIGIN, cluster = CLUSTER } = {}): string[] {
  let head = from;
  const entries: AuditEntry[] = [{ kind: "begun", cluster }];
  for (let nth = 2; nth <= count; nth++) entries.push(askedEntry(nth));
  return entries.map((entry) => {
    const line = sealAuditLine(entry, { after: head, time: "2026-03-01T12:00:00.000Z" });
    head = line.head;
    return line.text;
  });
}

/** Lines as they would be found in a file. */
export function placed(lines: readonly string[], { file = "audit.jsonl" } = {}): AuditText[] {
  let endBytes = 0;
  return lines.map((text, at) => {
    endBytes += new TextEncoder().encode(text).length + 1;
    return { file, line: at + 1, text, ended: true, endBytes };
  });
}

/** A data folder with the files given in its `audit/`. */
export async function inDataFolder<T>(
  files: Readonly<Record<string, string | Uint8Array>>,
  act: (data: string, folder: string) => Promise<T>,
): Promise<T> {
  const data = await Deno.makeTempDir({ prefix: "muster-audit-" });
  try {
    const folder = join(data, "audit");
    if (Object.keys(files).length > 0) await Deno.mkdir(folder);
    for (const [name, content] of Object.entries(files)) {
      await Deno.writeFile(
        join(folder, name),
        typeof content === "string" ? new TextEncoder().encode(content) : content,
      );
    }
    return await act(data, folder);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}
