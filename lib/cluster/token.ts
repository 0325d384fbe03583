/**
 * What the store keeps of the tokens that people come with: never the token itself, only its digest. The core takes no
 * notice of them; `lib/controller/tokens.ts` keeps the index that requests are checked by.
 * @module
 */
import * as z from "zod";

/** What somebody may do, each more than the one before: look, change services and nodes, give others access. */
export const Role = z.enum(["viewer", "operator", "admin"]);
export type Role = z.infer<typeof Role>;

/** One token. It never changes: it is made, and it is removed. */
export const TokenRecord = z.object({
  type: z.literal("token"),
  id: z.string(),
  name: z.string(),
  /** SHA-256 in hexadecimal digits. A token is 256 random bits, so that a slow digest would protect nothing more. */
  hash: z.string(),
  role: Role,
  /** Patterns of the services that it is for; none: all, and the cluster as a whole. */
  services: z.array(z.string()),
  created_at: z.string(),
  expires_at: z.string().nullable(),
});
export type TokenRecord = z.infer<typeof TokenRecord>;
