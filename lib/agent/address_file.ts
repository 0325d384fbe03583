/**
 * What the agent keeps of addresses across its restarts (`addresses.json`): the ports, as replicas that run on were told
 * them once and for all, and where the services were, as the controller may be away when the agent is back.
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { writeFileAtomic } from "../runtime/atomic_file.ts";
import { getLog } from "../runtime/log.ts";
import { EndpointsPosition, EndpointsPush } from "../wire/protocol.ts";
import { NOTHING_KNOWN } from "./relay/address_book.ts";

const Kept = z.object({
  /** The cluster whose services these are. */
  cluster: z.uuid().nullable(),
  /** The port of each service's address. */
  ports: z.record(z.string(), z.int()),
  /** The services that every replica is told of. */
  told: z.array(z.string()),
  endpoints: z.object({
    ...EndpointsPosition.shape,
    services: EndpointsPush.shape.services,
    revoked: EndpointsPush.shape.revoked,
  }),
});
export type KeptAddresses = z.infer<typeof Kept>;

const log = getLog("addresses");

/** What is kept in the folder. A file that is damaged costs running replicas their addresses, and nothing else. */
export async function readAddresses(folder: string): Promise<KeptAddresses> {
  const path = pathIn(folder);
  try {
    return Kept.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      log.warn("Cannot read the addresses of services: replicas get new ones when they are restarted", { path, error });
    }
    return { cluster: null, ports: {}, told: [], endpoints: NOTHING_KNOWN };
  }
}

/** Returns when it is on the disk. */
export async function writeAddresses(folder: string, kept: KeptAddresses): Promise<void> {
  await writeFileAtomic(pathIn(folder), JSON.stringify(kept), { mode: 0o600 });
}

function pathIn(folder: string): string {
  return join(folder, "addresses.json");
}
