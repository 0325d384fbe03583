/**
 * The examples of a guide, as they stand there: the JSON under a heading.
 * @module
 */
import { PutService } from "../../lib/wire/api.ts";
import type { z } from "zod";

const GUIDE = new URL("../../docs/guide/programs.md", import.meta.url);

/** The spec under the heading of this text. */
export function specUnder(heading: string): z.input<typeof PutService> {
  const guide = Deno.readTextFileSync(GUIDE);
  const [, rest] = guide.split(`\n### ${heading}\n`);
  const [, json] = /^```json[^\n]*\n([^]*?)^```/m.exec(rest ?? "") ?? [];
  if (json === undefined) throw new Error(`Cannot find an example: ${GUIDE} has no JSON under "${heading}"`);
  const spec = JSON.parse(json);
  PutService.parse(spec);
  return spec;
}
