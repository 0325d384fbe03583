/**
 * Gets the certificate of the cluster's authority from a controller that is not believed yet: whoever answers, only the
 * certificate whose digest is in the join token counts. Everything after that goes over connections which it vouches for.
 * @module
 */
import { bytesIn, digestOf, pemOf } from "../../wire/pem.ts";
import { askAsStranger } from "../../wire/stranger.ts";
import { JoinRefused } from "./join_refused.ts";

const HTTPS_PORT = 443;
const PATH = "/v1/authority";

/** The certificate, in PEM. Rejects, with what is wrong, when it is not the one of that digest. */
export async function pinAuthority(controller: URL, digest: string): Promise<string> {
  if (controller.protocol !== "https:") {
    throw new JoinRefused(`Cannot join at ${controller.origin}: a join token is for an https URL`);
  }
  const { hostname, port } = controller;
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  // Nothing secret is sent, and what comes is checked by its digest. While the authority is replaced there are two.
  const path = `${PATH}?digest=${encodeURIComponent(digest)}`;
  const { text } = await askAsStranger({ host, port: Number(port || HTTPS_PORT), path, tls: true });
  const found = await digestOf(text);
  const certificate = bytesIn("CERTIFICATE", text);
  // Only what the digest is of is believed: a text can hold further certificates.
  if (found === digest && certificate !== undefined) return pemOf("CERTIFICATE", certificate);
  throw new JoinRefused(
    found === undefined
      ? `Cannot join at ${controller.origin}: what answers there is no controller that nodes join with a token`
      : `Cannot join at ${controller.origin}: its authority is ${found}, and the join token is for ${digest}. ` +
        "Either the token is of another cluster, or somebody is between this host and the controller",
  );
}
