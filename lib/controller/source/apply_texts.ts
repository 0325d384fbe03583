/**
 * What `keep_applied.ts` does with new content: checks it as the API would, and applies it by the API's own transaction,
 * all or nothing, under audit, as somebody who is called after the file.
 * @module
 */
import type { DocumentFault } from "../../wire/documents.ts";
import { parseSpecs, type SpecGiven } from "../../wire/specs.ts";
import { applySpecs, type Left, type Outcome } from "../api/apply.ts";
import type { ApiContext } from "../api/context.ts";
import type { Writer, Written } from "../change/write.ts";
import { lackingArtifact } from "../artifacts/lacking_artifact.ts";
import { audited } from "../audit/audited.ts";
import { summaryOf } from "../audit/summary.ts";
import { claimInWords } from "../change/port_claim.ts";
import type { ApplyOutcome, ApplySpecs } from "./keep_applied.ts";
import type { SpecText } from "./source.ts";

const FAULTS_SAID_MAX = 5;
/** As the API would have answered. */
const STATUS_OF = { applied: 200, refused: 409, later: 503 } as const;

type Refused = Extract<ApplyOutcome, { kind: "refused" }>;

/** Applies by this controller. */
export function applierOf(api: Writer & Pick<ApiContext, "clock" | "random" | "audit" | "artifacts">): ApplySpecs {
  return async ({ source, texts, isFirst }) => {
    const given = specsIn(texts);
    if (given.kind === "refused") return given;
    const lacking = lackingArtifact(api.artifacts, given.specs);
    // It may come by a deployment at any time.
    if (lacking !== undefined) return { kind: "later", reason: lacking };
    const by = `file ${source}`;
    const what = summaryOf({ query: new URLSearchParams(), body: JSON.stringify(given.specs) });
    // As if it had been sent, so that one search in the audit log finds whatever was applied.
    const question = { request: api.random.uuid(), who: by, from: "file", method: "POST", path: "/v1/apply", what };
    let outcome: ApplyOutcome = { kind: "later", reason: "it can't be recorded in the audit log" };
    await audited(api.audit, question, async () => {
      // A start is no reason to try again what was given up.
      outcome = outcomeOf(await applySpecs(api, given.specs, { by, retry: !isFirst }));
      return new Response(null, { status: STATUS_OF[outcome.kind] });
    });
    return outcome;
  };
}

function outcomeOf(written: Written<Outcome & { left: Left }>): ApplyOutcome {
  switch (written.kind) {
    case "written": {
      const { value } = written;
      if (value.kind === "claimed") return { kind: "refused", reason: claimInWords(value.claim) };
      const changed = value.applied.services.filter(({ outcome }) => outcome !== "unchanged");
      return { kind: "applied", changed: changed.map(({ name }) => name), left: value.left };
    }
    case "full":
      return { kind: "later", reason: "there is no space left for the store" };
    case "busy":
      return { kind: "later", reason: written.detail };
    default:
      return written satisfies never;
  }
}

/** The specs of all texts, or what is wrong with them and where. */
function specsIn(texts: readonly SpecText[]): { kind: "specs"; specs: SpecGiven[] } | Refused {
  const specs: SpecGiven[] = [];
  const nameOfText = new Map<string, string>();
  const faults: string[] = [];
  for (const { name: from, text } of texts) {
    const parsed = parseSpecs(text);
    if (parsed.kind === "faulty") {
      faults.push(...parsed.faults.map((fault) => faultText(from, fault)));
      continue;
    }
    for (const spec of parsed.value) {
      const other = nameOfText.get(spec.name);
      if (other !== undefined) faults.push(`${from}: service ${spec.name} is also in ${other}; leave one of them out`);
      nameOfText.set(spec.name, from);
      specs.push(spec);
    }
  }
  if (faults.length === 0) return { kind: "specs", specs };
  const more = faults.length > FAULTS_SAID_MAX ? [`and ${faults.length - FAULTS_SAID_MAX} more`] : [];
  return { kind: "refused", reason: [...faults.slice(0, FAULTS_SAID_MAX), ...more].join("; ") };
}

function faultText(from: string, { line, column, detail }: DocumentFault): string {
  return `${from}, line ${line}, column ${column}: ${detail}`;
}
