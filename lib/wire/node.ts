/**
 * What operators send about a node, and how its emptying is shown.
 * @module
 */
import * as z from "zod";
import { DURATION_RULE, readDurationMs } from "../runtime/duration.ts";

/** That a node has, whoever gave them. */
export const LABELS_MAX = 64;
const KEY_RULE = 'a label is 1 to 63 of A-Z, a-z, 0-9, ".", "_", "/" and "-", and starts with a letter or digit';
const VALUE_RULE = "a label's value is a text of 1 to 255 characters in one line, or null to take the label away";

/** `POST /v1/nodes/{id}/drain`; the body may be left out. */
export const DrainNode = z.strictObject({
  /** For how long what can't be moved may stay; left out: for as long as it takes. */
  deadline: z.string().refine((text) => (readDurationMs(text) ?? 0) > 0, { error: DURATION_RULE }).optional(),
});

const LabelKey = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._\/-]{0,62}$/, { error: KEY_RULE });
const LabelValue = z.string({ error: VALUE_RULE }).regex(/^[^\p{Cc}\p{Zl}\p{Zp}]{1,255}$/u, { error: VALUE_RULE });

/** `PATCH /v1/nodes/{id}`: these labels are the operator's from now on, and those that are null no more. */
export const PatchNode = z.strictObject({
  labels: z.record(z.string(), LabelValue.nullable()).superRefine((labels, context) => {
    const keys = Object.keys(labels);
    if (keys.length > LABELS_MAX) context.addIssue({ code: "custom", message: `at most ${LABELS_MAX} labels` });
    for (const key of keys) {
      if (!LabelKey.safeParse(key).success) context.addIssue({ code: "custom", path: [key], message: KEY_RULE });
    }
  }),
});

/** Whether a node's version is not the controller's. */
export const VersionSkew = z.enum(["older", "newer"]);

/** The emptying of a node in `/v1/nodes`. */
export const DrainView = z.object({
  since: z.string(),
  by: z.string(),
  deadline: z.string().nullable(),
  /** When the deadline is over; a restart of the controller begins to count anew. */
  deadline_at: z.string().nullable(),
  /** It is over: what was left has been stopped. */
  overdue: z.boolean(),
  /** Replicas that have left since this controller learnt of the drain, and those still there. */
  moved: z.int(),
  remaining: z.int(),
  /** Why replicas are still there. */
  waiting: z.array(z.string()),
});
export type DrainView = z.infer<typeof DrainView>;

/** What a write to a node answers. */
export const NodeWritten = z.object({
  id: z.string(),
  name: z.string(),
  draining: z.boolean(),
  deadline: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  revision: z.int(),
});
export type NodeWritten = z.infer<typeof NodeWritten>;

/** The answer to `DELETE /v1/nodes/{id}`. */
export const NodeRemoved = z.object({
  id: z.string(),
  name: z.string(),
  removed: z.literal(true),
  revision: z.int(),
});
