/**
 * An engine with a TLS port, and a client that believes it.
 * @module
 */
import type { Endpoint } from "../../../lib/cluster/endpoint.ts";
import { LOCAL, testAuthority } from "../../ingress/tls/tls_scene.ts";
import { type EngineRig, type RigOptions, startEngine } from "./rig.ts";

export interface TlsEngineRig extends EngineRig {
  /** Speaks HTTP/2 where it can. */
  client: Deno.HttpClient;
  /** Whom to believe, in PEM. */
  authority: string;
}

export async function startTlsEngine(
  replicas: readonly { endpoint: Endpoint }[],
  options: RigOptions = {},
): Promise<TlsEngineRig> {
  const authority = await testAuthority();
  const certificate = await authority.issue(["localhost", LOCAL]);
  const rig = startEngine(replicas, { ...options, certificates: { served: [certificate], defaultHost: "localhost" } });
  const client = Deno.createHttpClient({ caCerts: [authority.pem] });
  const { port } = rig.engine.tlsAddresses[0]!;
  return {
    ...rig,
    client,
    authority: authority.pem,
    port,
    url: `https://localhost:${port}`,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await rig[Symbol.asyncDispose]();
    },
  };
}
