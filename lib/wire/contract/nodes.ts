/**
 * The operations on nodes, and what agents themselves ask.
 * @module
 */
import * as z from "zod";
import { AddNode, NodeAdded, NodeView, pageOf } from "../api.ts";
import {
  AuthorityRotation,
  CreateJoinToken,
  JoinRequest,
  JoinTokenCreated,
  NodePapers,
  RenewRequest,
} from "../join.ts";
import { DrainNode, NodeRemoved, NodeWritten, PatchNode } from "../node.ts";
import { Registered, Registration } from "../protocol.ts";
import { Rebalance } from "../rebalance.ts";
import type { Operation } from "./operation.ts";
import { DRY_RUN, FLAG, PAGE, TEXT } from "./query.ts";

const tag = "Nodes";

/** Node names are shown, filtered by and part of file names. */
const NodeName = z.string().regex(/^[^\p{Cc}\p{Cf}/\\]{1,255}$/u, {
  error: "a name has 1 to 255 characters, without control characters and slashes",
});
/** What an agent says of itself. */
export const NodeRegistration = Registration.extend({ name: NodeName });

export const NODE_OPERATIONS = {
  listNodes: { tag, summary: "All nodes, by name", query: PAGE, answer: { schema: pageOf(NodeView) } },
  getNode: { tag, summary: "A node, by id or name", answer: { schema: NodeView } },
  registerNode: {
    tag: "Agents",
    summary: "An agent makes itself known; with nothing but a url as POST /add-node",
    needs: "node",
    query: DRY_RUN,
    body: {
      schema: NodeRegistration,
      example:
        '{"url":"http://10.0.0.5:9090","identity":"<uuid>","name":"host","labels":{},"capacity":{"cpu":4,"memory":8192}}',
      instead: AddNode,
    },
    answer: {
      schema: z.object({ ...NodeAdded.shape, ...Registered.shape, revision: z.int().optional() }),
      status: [200, 201, 202],
    },
  },
  patchNode: {
    tag,
    summary: "Give labels, or take them away",
    query: DRY_RUN,
    body: { schema: PatchNode, example: '{"labels":{"zone":"b","old":null}}' },
    answer: { schema: NodeWritten, status: [202] },
  },
  deleteNode: {
    tag,
    summary: "Forget a node; what was on it is placed elsewhere",
    query: { ...DRY_RUN, force: FLAG },
    answer: { schema: NodeRemoved },
  },
  drainNode: {
    tag,
    summary: "Move everything elsewhere, each replica only when its successor is ready",
    query: DRY_RUN,
    body: { schema: DrainNode, example: '{"deadline":"10m"}', optional: true },
    answer: { schema: NodeWritten, status: [202] },
  },
  activateNode: {
    tag,
    summary: "Let replicas be placed there again",
    query: DRY_RUN,
    answer: { schema: NodeWritten, status: [202] },
  },
  rebalance: {
    tag,
    summary: "Spread what runs over all nodes anew",
    query: DRY_RUN,
    answer: { schema: Rebalance, status: [202], rehearsal: Rebalance },
  },
  createJoinToken: {
    tag: "Access",
    summary: "Invite a host; the token is shown once",
    needs: "admin",
    query: DRY_RUN,
    body: { schema: CreateJoinToken, example: '{"ttl":"15m","labels":{"zone":"a"}}' },
    answer: { schema: JoinTokenCreated, status: [201], once: ["token"] },
  },
  join: {
    tag: "Agents",
    summary: "A host that was invited gets its papers",
    needs: "open",
    body: { schema: JoinRequest.extend({ registration: NodeRegistration }), example: "{…}" },
    answer: {
      schema: z.object({ id: z.string(), ...NodePapers.shape }),
      status: [201],
      once: Object.keys(NodePapers.shape),
    },
  },
  renew: {
    tag: "Agents",
    summary: "A node exchanges its papers for new ones",
    needs: "open",
    body: { schema: RenewRequest, example: "{…}" },
    answer: { schema: NodePapers },
  },
  getAuthority: {
    tag: "Access",
    summary: "The certificate of the cluster's authority",
    needs: "open",
    query: { digest: TEXT },
    answer: { media: "application/x-pem-file" },
  },
  getRotation: {
    tag: "Access",
    summary: "How far the replacement of the authority is",
    answer: { schema: AuthorityRotation },
  },
  rotateAuthority: {
    tag: "Access",
    summary: "Replace the authority by a new one, while everything goes on",
    needs: "admin",
    answer: { schema: AuthorityRotation, status: [202] },
  },
} as const satisfies Readonly<Record<string, Operation>>;
