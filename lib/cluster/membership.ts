/**
 * What the store keeps of who belongs to the cluster beside its nodes: the invitations that let hosts join, and the
 * nodes that were sent away. The core takes no notice of them; `lib/controller/identity/members.ts` keeps the index.
 * @module
 */
import * as z from "zod";

/** An invitation for one host. It is kept when it is used, so that a second use is told apart from an unknown one. */
export const JoinTokenRecord = z.object({
  type: z.literal("join_token"),
  id: z.uuid(),
  /** SHA-256 of the secret, in hexadecimal digits. */
  hash: z.string(),
  /** What the host may become; there is but one role for hosts today. */
  role: z.literal("node"),
  /** Labels that the node will have, whatever its agent says. */
  labels: z.record(z.string(), z.string()),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  /** The identity of the agent that has used it. */
  used_by: z.uuid().nullable(),
});
export type JoinTokenRecord = z.infer<typeof JoinTokenRecord>;

/** A node that was removed. What its agent was given until then counts no more, and is over at last by `until`. */
export const RevocationRecord = z.object({
  type: z.literal("revocation"),
  /** The agent's identity. */
  id: z.uuid(),
  at: z.iso.datetime(),
  until: z.iso.datetime(),
});
export type RevocationRecord = z.infer<typeof RevocationRecord>;
