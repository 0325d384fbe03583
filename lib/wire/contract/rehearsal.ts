/**
 * What `dry_run=true` answers: what the operation itself would, with `dry_run: true` and without what is shown once;
 * unless the operation says something else. The API's document is made of it, and clients read answers by it.
 * @module
 */
import * as z from "zod";
import type { Operation } from "./operation.ts";

/** What a rehearsal answers; undefined where nothing can be rehearsed. */
export function rehearsalOf({ query = {}, answer }: Operation): z.ZodType | undefined {
  if (!("dry_run" in query)) return undefined;
  const { schema, once = [], rehearsal } = answer;
  if (rehearsal !== undefined) return rehearsal;
  if (!(schema instanceof z.ZodObject)) return undefined;
  const lasting = Object.entries(schema.shape).filter(([name]) => !once.includes(name));
  return z.object({ ...Object.fromEntries(lasting), dry_run: z.literal(true) });
}
