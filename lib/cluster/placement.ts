/**
 * Where a service's replicas should be, as an operator declares it: spread or packed, over the values of a label, under
 * constraints and by preferences, and how important the service is when room is short.
 * @module
 */
import * as z from "zod";
import { CONSTRAINT_LENGTH_MAX, readConstraint, slipWords } from "./constraint.ts";
import type { ObjectOf } from "./spec_field.ts";

const WISHES_MAX = 20;
const PER_NODE_MAX = 10_000;
const PRIORITY_MAX = 100;
const PRIORITY_RULE = `a whole number from 0 to ${PRIORITY_MAX}`;

/** The name of a label, as agents are given them. */
const LabelName = z.string().regex(/^[^\s=]{1,128}$/, { message: 'the name of a label, such as "zone"' });

const Preference = z.string().max(CONSTRAINT_LENGTH_MAX).superRefine((text, context) => {
  const read = readConstraint(text);
  if (read.kind === "slip") context.addIssue({ code: "custom", message: slipWords(text, read) });
});

const Requirement = Preference.refine((text) => {
  const read = readConstraint(text);
  return read.kind === "slip" || read.weight === 1;
}, { message: "a constraint has no weight: it must hold; what may hold belongs in affinity" });

export function placementSchema(object: ObjectOf) {
  return object({
    /** spread: as far apart as can be. binpack: on as few nodes as can be. */
    strategy: z.enum(["spread", "binpack"]).prefault("spread"),
    /** A label over whose values replicas are spread first. */
    spread_by: LabelName.optional(),
    /** What must hold of a node. */
    constraints: z.array(Requirement).max(WISHES_MAX).prefault([]),
    /** What is better to hold. */
    affinity: z.array(Preference).max(WISHES_MAX).prefault([]),
    max_per_node: z.int().min(1).max(PER_NODE_MAX).optional(),
    /** A slot goes back to the node where it was last, if it can. */
    sticky: z.boolean().prefault(false),
  });
}

export type PlacementRule = z.infer<ReturnType<typeof placementSchema>>;

/** Which service goes first when room is short: the higher number. */
export const Priority = z.int({ error: PRIORITY_RULE }).min(0, { error: PRIORITY_RULE })
  .max(PRIORITY_MAX, { error: PRIORITY_RULE });
export const PRIORITY_USUAL = 50;
