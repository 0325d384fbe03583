/**
 * What is told of a backup that is put back; what is in one, `backup.ts` says.
 * @module
 */
import * as z from "zod";

export const BACKUP_MEDIA_TYPE = "application/gzip";

/** `POST /v1/restore` */
export const Restored = z.object({
  /** What the backup is of, and when it was made. */
  cluster: z.string(),
  created_at: z.string(),
  /** How the controller goes on: beyond all that agents may have heard since the backup was made. */
  epoch: z.int(),
  revision: z.int(),
  services: z.array(z.string()),
  nodes: z.array(z.string()),
  artifacts: z.int(),
  /** Services that are here and that the backup lacks: their replicas are stopped. */
  removed: z.array(z.string()),
});
export type Restored = z.infer<typeof Restored>;
