/**
 * What axe-core finds against a page that somebody can't see, hear or point at. Serious and critical findings count.
 * @module
 */
import { ownPackages } from "../../scripts/browser/own_packages.ts";
import type { Page } from "../../scripts/browser/playwright.ts";

const COUNTED = new Set(["serious", "critical"]);
const NODES_SHOWN = 5;

interface Finding {
  id: string;
  impact: string | null;
  help: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/** Each in words: the rule, and where it is broken. */
export async function seriousFindings(page: Page): Promise<string[]> {
  const { axe } = await ownPackages();
  // Evaluated, not loaded: the page's own policy lets nothing else in.
  await page.evaluate(await Deno.readTextFile(new URL("axe.min.js", axe)));
  const findings = await page.evaluate<Finding[]>("axe.run(document).then(({ violations }) => violations)");
  return findings.filter(({ impact }) => COUNTED.has(impact ?? "")).map(({ id, help, nodes }) => {
    const places = nodes.slice(0, NODES_SHOWN).map(({ target, failureSummary = "" }) =>
      `\n  ${target.join(" ")}: ${failureSummary.replaceAll(/\s+/g, " ")}`
    );
    return `${id}: ${help}${places.join("")}`;
  });
}
