/**
 * The ingress's own ports of a cluster that was started for a test.
 * @module
 */
import { assert } from "@std/assert";
import type { Cluster } from "./cluster.ts";

/** Where the ingress listens, as its controller logged it. */
export async function ingressOf({ controller }: Pick<Cluster, "controller">): Promise<string> {
  const line = await controller.logged("the ingress listens on");
  const [, address] = /the ingress listens on ([^\s"]+)/.exec(line) ?? [];
  assert(address !== undefined, line);
  return `http://${address}`;
}
