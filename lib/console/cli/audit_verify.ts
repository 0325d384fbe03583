/**
 * `controller audit verify`: whether the audit log in a controller's data folder is whole. It reads the files and asks no
 * controller, as one that was tampered with would have nothing true to say; so it can be run on a copy, and elsewhere.
 * @module
 */
import { join } from "node:path";
import { defaultDataDir } from "../../runtime/data_dir.ts";
import { text } from "../../runtime/flag.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { auditLinesIn } from "../../wire/audit_files.ts";
import { type AuditVerdict, verifyAudit } from "../../wire/audit_verify.ts";
import { paint } from "../render/paint.ts";
import { type Io, localCommand } from "./command.ts";
import { EXIT, UsageError } from "./exit_code.ts";
import type { Screen } from "./screen.ts";

/** The port of a controller that was given none: its data folder is named after it. */
const PORT_USUAL = 8_000;

export const auditVerify = localCommand({
  name: "audit verify",
  summary: "see that nobody changed the audit log",
  flags: {
    data: text({ help: "The controller's data folder, or a copy", placeholder: "<folder>" }),
    expect: text({ help: "A hash noted earlier, which must be in the log", placeholder: "<hash>" }),
  },
  act: async ({ flags: { data, expect }, show, io: { env } }) => {
    if (expect !== undefined && !/^[0-9a-f]{64}$/.test(expect)) {
      throw new UsageError(`Cannot use --expect "${expect}": expected a hash of 64 of 0-9 and a-f`);
    }
    const folder = join(data ?? usualFolder(env), "audit");
    const verdict = await verdictOn(folder, { expect });
    await show(verdict, (out) => told(verdict, { folder, out }));
    return verdict.kind === "whole" ? EXIT.fine : verdict.kind === "broken" ? EXIT.failure : EXIT.notFound;
  },
});

/** Where a controller keeps its files that was told nothing about it. */
function usualFolder(env: Io["env"]): string {
  try {
    return defaultDataDir({ program: "controller", port: PORT_USUAL }, env) ?? "";
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

async function verdictOn(folder: string, { expect }: { expect: string | undefined }): Promise<AuditVerdict> {
  try {
    return await verifyAudit(auditLinesIn(folder), { expect });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "empty" };
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    throw new UsageError(`Cannot read the audit log in ${folder}: ${error.message}; ask as the controller's user`);
  }
}

function told(verdict: AuditVerdict, { folder, out }: { folder: string; out: Screen }): string {
  switch (verdict.kind) {
    case "whole": {
      const { lines, last, remarks } = verdict;
      const shown = remarks.map((remark) => `${paint("note", "warning", out)}   ${printableLine(remark)}\n`).join("");
      return `${paint("whole", "good", out)}  ${lines} lines in ${printableLine(folder)}\n${shown}` +
        `last   ${last.hash}\n`;
    }
    case "broken": {
      const { fault, detail, file, line } = verdict;
      return `${paint("BROKEN", "bad", out)}  line ${line} of ${printableLine(file || folder)}\n` +
        `${fault}: ${detail}\n`;
    }
    case "empty":
      return `There is no audit log in ${
        printableLine(folder)
      }: say with --data where the controller keeps its files\n`;
    default:
      return verdict satisfies never;
  }
}
