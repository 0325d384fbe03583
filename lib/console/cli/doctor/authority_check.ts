/**
 * Whether the cluster's authority lasts for a while yet: what it vouches for ends with it.
 * @module
 */
import { ifThere } from "../../../wire/client/if_there.ts";
import { type Check, problem, warning } from "./finding.ts";

const DAY_MS = 86_400_000;
/** Time enough to replace it in peace. */
const NEAR_MS = 60 * DAY_MS;
const REMEDY =
  'replace it while everything goes on: POST /v1/authority/rotate, see "Replacing the authority" in the guide';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

export const AUTHORITY_CHECK: Check = {
  fine: "no certificate of the authority ends soon",
  examine: async ({ client, signal }) => {
    const pem = await ifThere(client.getAuthority({}, { signal }));
    // A cluster without security has none.
    if (pem === undefined) return [];
    // All commands load this file, and only this check has a use for that module.
    const { X509Certificate } = await import("node:crypto");
    return (pem.match(CERTIFICATE) ?? []).flatMap((certificate) => {
      const until = new X509Certificate(certificate).validTo;
      const leftMs = Date.parse(until) - Date.now();
      if (Number.isNaN(leftMs) || leftMs > NEAR_MS) return [];
      if (leftMs <= 0) return [problem(`its certificate ended at ${until}`, "the authority", { remedy: REMEDY })];
      const what = `its certificate ends in ${Math.floor(leftMs / DAY_MS)} days, at ${until}`;
      return [warning(what, "the authority", { remedy: REMEDY })];
    });
  },
};
