/**
 * What agents are told beside their orders: where services are, and the artifacts that their replicas wait for. Both
 * follow what an agent says that it knows and lacks.
 * @module
 */
import type { LoopInput } from "../loop/effect.ts";
import { ArtifactPusher, type ArtifactPusherOptions } from "./artifact_push.ts";
import { EndpointPusher, type EndpointPusherOptions } from "./endpoint_push.ts";

export interface Pushers {
  endpoints: EndpointPusher;
  /** Takes in what came of the conversation with an agent. */
  heard: (input: LoopInput) => void;
}

/** Begins to follow what agents say; nothing is sent before they do. */
export function pushersOf(options: ArtifactPusherOptions & EndpointPusherOptions): Pushers {
  const endpoints = new EndpointPusher(options);
  const artifacts = new ArtifactPusher(options);
  const heard = (input: LoopInput) => {
    artifacts.heard(input);
    if (input.kind === "probe_answered") endpoints.heard(input.node, input.health);
  };
  return { endpoints, heard };
}
