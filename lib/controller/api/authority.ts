/**
 * The cluster's authority over the API: its certificate, which is public, and its replacement by a new one.
 * @module
 */
import type { AuthorityRotation } from "../../wire/join.ts";
import { problem } from "../../wire/problem.ts";
import type { ClusterIdentity } from "../identity/cluster_identity.ts";
import { conflict, json } from "./answer.ts";
import type { Call, Route } from "./context.ts";
import { UNKEPT } from "./precondition.ts";
import { route } from "./route.ts";

export const authorityRoutes: readonly Route[] = [
  route("getAuthority", { handle: getAuthority }),
  route("getRotation", { handle: getRotation }),
  route("rotateAuthority", { refuses: UNKEPT, handle: postRotate }),
];

/** The certificate by which everything else is believed. Who needs it for the first time has its digest. */
function getAuthority({ req, var: { api } }: Call): Response {
  if (api.identity === undefined) return withoutIdentities();
  const certificate = api.identity.authority.certificate(req.query("digest"));
  return new Response(certificate, { headers: { "content-type": "application/x-pem-file" } });
}

function getRotation({ var: { api } }: Call): Response {
  return api.identity === undefined ? withoutIdentities() : json(rotationView(api.identity));
}

async function postRotate({ var: { api } }: Call): Promise<Response> {
  if (api.identity === undefined) return withoutIdentities();
  const begun = await api.identity.rotation.begin();
  const view = rotationView(api.identity);
  if (begun) return json(view, { status: 202 });
  const detail = `the authority is being replaced: ${view.phase} since ${view.since}, ${view.behind.length} nodes ` +
    "are behind; GET /v1/authority/rotation tells which. Wait until it is done, or remove nodes that won't come back";
  return conflict("rotation-under-way", { title: "A replacement is under way", detail });
}

function rotationView({ authority, rotation }: ClusterIdentity): AuthorityRotation {
  const { phase, since } = authority.rotation;
  return {
    phase,
    since,
    signing: authority.digest,
    trusted: authority.trusted.map(({ id }) => id),
    behind: rotation.behind().map(({ id, name }) => ({ id, name })),
  };
}

/** Nothing about identities can be asked where there are none. */
export function withoutIdentities(): Response {
  const detail = "nodes have no identities in this cluster: start the controller with --secure";
  return problem({ type: "not-secure", title: "Not Found", status: 404, detail });
}
