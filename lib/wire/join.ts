/**
 * What an agent and its controller say to each other about who the agent is: joining, once, with a join token, and
 * renewing what it proves itself by, again and again.
 * @module
 */
import * as z from "zod";
import { Duration } from "../cluster/spec_field.ts";
import { readDurationMs } from "../runtime/duration.ts";
import { Registration } from "./protocol.ts";

/** An authority that is believed, with the key that is in its certificate. */
export const TrustedAuthority = z.object({
  /** The digest of the certificate. */
  id: z.string(),
  certificate: z.string(),
  /** SPKI, in base64. */
  public_key: z.base64(),
});
export type TrustedAuthority = z.infer<typeof TrustedAuthority>;

/** What a node proves itself by, and believes others by. */
export const NodePapers = z.object({
  cluster: z.uuid(),
  trusted: z.array(TrustedAuthority).min(1),
  certificate: z.string(),
  /** For the controller. */
  credential: z.string(),
  /** For other nodes. */
  peer_credential: z.string(),
  expires_at: z.iso.datetime(),
});
export type NodePapers = z.infer<typeof NodePapers>;

const SigningRequest = z.string().min(1).max(8_192);

/** `POST /v1/join`: nothing else is needed to be let in. */
export const JoinRequest = z.strictObject({
  /** Of the join token. */
  id: z.uuid(),
  secret: z.string().min(1).max(128),
  /** PKCS #10, in PEM. */
  signing_request: SigningRequest,
  registration: Registration,
});
export type JoinRequest = z.infer<typeof JoinRequest>;

/** `POST /v1/join-tokens` */
export const CreateJoinToken = z.strictObject({
  /** For how long it lets a host in; 15 minutes unless said. */
  ttl: Duration.refine((text) => readDurationMs(text) !== 0, { error: "more than 0" }).optional(),
  /** Labels that the node will have. */
  labels: z.record(z.string(), z.string()).optional(),
});
export type CreateJoinToken = z.infer<typeof CreateJoinToken>;

/** What is known of a join token; what it is itself is shown once, when it is made. */
export const JoinTokenView = z.object({
  id: z.uuid(),
  role: z.literal("node"),
  labels: z.record(z.string(), z.string()),
  expires_at: z.string(),
});
export type JoinTokenView = z.infer<typeof JoinTokenView>;

/** The answer to `POST /v1/join-tokens`. */
export const JoinTokenCreated = z.object({ ...JoinTokenView.shape, token: z.string() });
export type JoinTokenCreated = z.infer<typeof JoinTokenCreated>;

/** `POST /v1/renew`, with the agent's credential. */
export const RenewRequest = z.strictObject({ signing_request: SigningRequest, url: z.string() });
export type RenewRequest = z.infer<typeof RenewRequest>;

/** `GET /v1/authority/rotation`, and the answer to `POST /v1/authority/rotate`. */
export const AuthorityRotation = z.object({
  phase: z.enum(["none", "announced", "switched", "done"]),
  /** When that phase began; null where the authority was never replaced. */
  since: z.string().nullable(),
  /** The digest of the authority that signs, and of all that are trusted. */
  signing: z.string(),
  trusted: z.array(z.string()),
  /** The nodes that have not said that they go by this. */
  behind: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type AuthorityRotation = z.infer<typeof AuthorityRotation>;
