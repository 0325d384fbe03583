/**
 * The short routes, which one types into curl, and who may do what.
 * @module
 */
import * as z from "zod";
import {
  AddNode,
  CreateToken,
  NodeAdded,
  pageOf,
  Scaled,
  ScaleRequest,
  SessionView,
  Status,
  TokenCreated,
  TokenRemoved,
  TokenView,
  VersionView,
} from "../api.ts";
import { ArtifactManifest, ArtifactView, ChunksAsked, ChunksMissing } from "../artifact.ts";
import { AuditPage } from "../audit.ts";
import { BACKUP_MEDIA_TYPE, Restored } from "../restored.ts";
import type { Operation } from "./operation.ts";
import { DRY_RUN, LIMIT, PAGE, wholeNumber } from "./query.ts";

const tag = "Cluster";
const OPEN = { tag, needs: "open" } as const;
const Health = z.object({ status: z.string() });
const METRICS_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";
const AUDIT_SEQ = wholeNumber({ of: 'the "seq" of the last entry that was read, a whole number' });

export const CLUSTER_OPERATIONS = {
  getStatus: { tag, summary: "The whole cluster at a glance", answer: { schema: Status } },
  addNode: {
    tag,
    summary: "Name an agent's address",
    query: DRY_RUN,
    body: { schema: AddNode, example: '{"url":"http://127.0.0.1:9090"}' },
    answer: { schema: NodeAdded, status: [200, 201, 202] },
  },
  scale: {
    tag,
    summary: "Say how many replicas of a service should run; without a name, of the default service",
    query: DRY_RUN,
    body: { schema: ScaleRequest, example: '{"replicas":3}' },
    answer: { schema: Scaled, status: [202] },
  },
  getHealthz: { ...OPEN, summary: "Whether the controller lives", answer: { schema: Health } },
  getReadyz: { ...OPEN, summary: "Whether it decides; 503 with the reason if not", answer: { schema: Health } },
  getVersion: { ...OPEN, summary: "Its version", answer: { schema: VersionView } },
  getMetrics: { tag, summary: "Metrics for Prometheus", answer: { media: METRICS_MEDIA_TYPE } },
} as const satisfies Readonly<Record<string, Operation>>;

export const ACCESS_OPERATIONS = {
  beginSession: {
    tag: "Access",
    summary: "Show a token once, and go on by a cookie",
    needs: "viewer",
    answer: { schema: SessionView, status: [201] },
  },
  getSession: {
    tag: "Access",
    summary: "Who asks, and what they may do",
    needs: "viewer",
    answer: { schema: SessionView },
  },
  endSession: { tag: "Access", summary: "Forget the cookie", needs: "viewer", answer: { status: [204] } },
  listTokens: {
    tag: "Access",
    summary: "All tokens, by name; never the tokens themselves",
    needs: "admin",
    query: PAGE,
    answer: { schema: pageOf(TokenView) },
  },
  createToken: {
    tag: "Access",
    summary: "Make a token; it is shown this once",
    needs: "admin",
    query: DRY_RUN,
    body: { schema: CreateToken, example: '{"name":"ci","role":"operator","services":["web-*"],"ttl":"30d"}' },
    answer: { schema: TokenCreated, status: [201], once: ["token"] },
  },
  deleteToken: {
    tag: "Access",
    summary: "Remove a token, by id or name; it counts no more from now on",
    needs: "admin",
    query: DRY_RUN,
    answer: { schema: TokenRemoved },
  },
  getAudit: {
    tag: "Access",
    summary: "Who changed what: the audit log, each line with its hash",
    needs: "admin",
    query: { after: AUDIT_SEQ, limit: LIMIT },
    answer: { schema: AuditPage },
  },
  getBackup: {
    tag: "Cluster",
    summary: "All that the controller must not forget, as one file",
    details: "Records, artifacts, and the authority where there is one: whoever has the file has every secret of the " +
      "cluster. It is a gzip of lines of JSON; one without its last line, of the kind `end`, was cut off.",
    needs: "admin",
    answer: { media: BACKUP_MEDIA_TYPE },
  },
  restore: {
    tag: "Cluster",
    summary: "Put a backup in the place of all that the controller knows",
    details:
      "The controller begins anew with it, and asks every node what runs. Replicas that the backup doesn't know " +
      "are stopped, so look at `removed` with `dry_run` first.",
    needs: "admin",
    query: DRY_RUN,
    body: { schema: z.string(), example: "<the file>", media: [BACKUP_MEDIA_TYPE] },
    answer: { schema: Restored },
  },
} as const satisfies Readonly<Record<string, Operation>>;

export const ARTIFACT_OPERATIONS = {
  findMissingChunks: {
    tag: "Artifacts",
    summary: "Which of these chunks the cluster lacks",
    body: { schema: ChunksAsked, example: '{"chunks":["<sha256>"]}' },
    answer: { schema: ChunksMissing },
  },
  putChunk: {
    tag: "Artifacts",
    summary: "Give a chunk, under its digest",
    body: { schema: z.string(), example: "<bytes>", media: ["application/octet-stream"] },
    answer: { status: [201, 204] },
  },
  listArtifacts: {
    tag: "Artifacts",
    summary: "The folders that were uploaded",
    query: PAGE,
    answer: { schema: pageOf(ArtifactView) },
  },
  getArtifact: { tag: "Artifacts", summary: "The list of a folder's files", answer: { schema: ArtifactManifest } },
  putArtifact: {
    tag: "Artifacts",
    summary: "Give the list of a folder's files; its chunks have to be there",
    body: { schema: ArtifactManifest, example: '{"files":[…]}' },
    answer: { schema: ArtifactView, status: [200, 201] },
  },
} as const satisfies Readonly<Record<string, Operation>>;
