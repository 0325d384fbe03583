/**
 * `controller doctor`: looks at an installation as somebody would who knows what usually goes wrong, and says of each
 * thing where it is and what mends it.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";
import { ApiRefusal, Unreachable } from "../../wire/client/problem_error.ts";
import { counted } from "../render/amount.ts";
import { paint } from "../render/paint.ts";
import type { TableStyle } from "../render/table.ts";
import { wrapped } from "../../runtime/terminal/wrap.ts";
import { command } from "./command.ts";
import { AUTHORITY_CHECK } from "./doctor/authority_check.ts";
import { CONTROLLER_CHECKS, reachable } from "./doctor/controller_checks.ts";
import { type Check, type Finding, type Patient, warning } from "./doctor/finding.ts";
import { HOST_CHECK } from "./doctor/host_check.ts";
import { NODE_CHECKS } from "./doctor/node_checks.ts";
import { SERVICE_CHECKS } from "./doctor/service_checks.ts";
import { EXIT } from "./exit_code.ts";

const CHECKS: readonly Check[] = [
  ...CONTROLLER_CHECKS,
  ...NODE_CHECKS,
  ...SERVICE_CHECKS,
  AUTHORITY_CHECK,
  HOST_CHECK,
];

/** What `doctor -o json` gives. */
export interface Diagnosis {
  /** There is no problem; there may be warnings. */
  healthy: boolean;
  findings: Finding[];
  /** What was looked at and is fine. */
  fine: string[];
}

export const doctor = command({
  name: "doctor",
  summary: "check an installation and say what to mend",
  details: "Exits with 0 when there is no problem, and with 1 otherwise; warnings alone are no problem.",
  flags: {},
  act: async ({ client, connection, io, signal, show }) => {
    const diagnosis = await examined({ client, connection, io, signal });
    await show(diagnosis, (screen) => page(diagnosis, screen));
    return diagnosis.healthy ? EXIT.fine : EXIT.failure;
  },
});

async function examined(patient: Patient): Promise<Diagnosis> {
  const findings = await reachable.examine(patient);
  const fine: string[] = findings.length === 0 ? [reachable.fine] : [];
  for (const check of findings.length === 0 ? CHECKS : []) {
    const found = await examine(check, patient);
    if (found.length === 0) fine.push(check.fine);
    findings.push(...found);
  }
  findings.sort((a, b) => RANKS[a.level] - RANKS[b.level]);
  return { healthy: !findings.some(({ level }) => level === "problem"), findings, fine };
}

const RANKS: Readonly<Record<Finding["level"], number>> = { problem: 0, warning: 1 };

/** What can't be looked at is said, and the rest is looked at all the same. */
async function examine(check: Check, patient: Patient): Promise<Finding[]> {
  try {
    return await check.examine(patient);
  } catch (error) {
    if (!(error instanceof ApiRefusal || error instanceof Unreachable)) throw error;
    const remedy = "ask with a token that may see it: --token-file, MUSTER_TOKEN_FILE or a context";
    return [warning(`cannot tell whether ${check.fine}: ${error.message}`, patient.connection.server, { remedy })];
  }
}

function page({ findings, fine }: Diagnosis, style: TableStyle): string {
  const told = findings.map((finding) => findingText(finding, style)).join("");
  const wells = fine.map((text) => `${paint("✓", "good", style)} ${printableLine(text)}\n`).join("");
  const count = (wanted: Finding["level"]) => findings.filter(({ level }) => level === wanted).length;
  const summary = findings.length === 0
    ? "Nothing to mend."
    : `${counted(count("problem"), "problem")}, ${counted(count("warning"), "warning")}`;
  return [told, wells, `${summary}\n`].filter((part) => part !== "").join("\n");
}

function findingText({ level, what, where, remedy }: Finding, style: TableStyle): string {
  const mark = paint(level === "problem" ? "✗" : "!", level === "problem" ? "bad" : "warning", style);
  const said = wrapped(`${where}: ${what}`, { width: style.width && style.width - 2, hanging: "  " });
  const mended = wrapped(`→ ${remedy}`, { width: style.width, indent: "    ", hanging: "  " });
  return `${mark} ${said}${mended}`;
}
