/**
 * The operations on services, from the first spec to the last log line.
 * @module
 */
import * as z from "zod";
import { EndpointList, pageOf, PutService, Scaled, ScaleRequest, ServiceLogLine, ServiceView } from "../api.ts";
import { Applied, GenerationView, Planned, RollbackRequest, RolledBack, ServiceWritten, Steered } from "../change.ts";
import { SpecGiven } from "../specs.ts";
import { TrafficView } from "../usage.ts";
import type { Operation } from "./operation.ts";
import { DRY_RUN, FLAG, LINES, PAGE } from "./query.ts";

const tag = "Services";
const SPEC_MEDIA = ["application/yaml", "application/json"] as const;
const SPEC_EXAMPLE = '{"name":"web","command":["payload"],"replicas":2}';
/** One spec or a list of them; as YAML also several documents. */
const SPECS = {
  schema: z.union([SpecGiven, z.array(SpecGiven)]),
  example: SPEC_EXAMPLE,
  media: SPEC_MEDIA,
};

export const SERVICE_OPERATIONS = {
  listServices: { tag, summary: "All services, by name", query: PAGE, answer: { schema: pageOf(ServiceView) } },
  getService: { tag, summary: "A service", answer: { schema: ServiceView } },
  putService: {
    tag,
    summary: "Declare a service: make it, or change it",
    query: DRY_RUN,
    body: { schema: PutService, example: '{"command":["payload"],"replicas":2}', media: SPEC_MEDIA },
    answer: { schema: ServiceWritten, status: [200, 201] },
  },
  deleteService: {
    tag,
    summary: "Remove a service; it goes with its last replica",
    query: DRY_RUN,
    answer: { schema: ServiceWritten, status: [202] },
  },
  scaleService: {
    tag,
    summary: "Say how many replicas should run",
    query: DRY_RUN,
    body: { schema: ScaleRequest, example: '{"replicas":3}' },
    answer: { schema: Scaled, status: [202] },
  },
  restartService: {
    tag,
    summary: "Have new processes take over, one by one",
    query: DRY_RUN,
    answer: { schema: ServiceWritten, status: [202] },
  },
  rollbackService: {
    tag,
    summary: "Go back to a former generation",
    details: "Without a generation it is the last one that was good.",
    query: DRY_RUN,
    body: { schema: RollbackRequest, example: '{"generation":1}', optional: true },
    answer: { schema: RolledBack, status: [202] },
  },
  pauseService: {
    tag,
    summary: "Hold a rollout where it is",
    query: DRY_RUN,
    answer: { schema: Steered, status: [200] },
  },
  resumeService: { tag, summary: "Let a paused rollout go on", query: DRY_RUN, answer: { schema: Steered } },
  promoteService: {
    tag,
    summary: "Let a canary's generation, or the green side, take over",
    query: { ...DRY_RUN, force: FLAG },
    answer: { schema: Steered },
  },
  listGenerations: {
    tag,
    summary: "What a service was, the newest first",
    query: PAGE,
    answer: { schema: pageOf(GenerationView) },
  },
  getTraffic: { tag, summary: "Requests, errors and latency of the last minutes", answer: { schema: TrafficView } },
  readServiceLogs: {
    tag,
    summary: "The lines of all replicas, interleaved",
    query: LINES,
    answer: { schema: ServiceLogLine, media: "application/x-ndjson" },
  },
  listEndpoints: { tag, summary: "Where the ready replicas are reached", answer: { schema: EndpointList } },
  plan: {
    tag,
    summary: "What these specs would change, and every step with its reason; nothing is done",
    needs: "viewer",
    query: { before_upload: FLAG },
    body: SPECS,
    answer: { schema: Planned },
  },
  apply: {
    tag,
    summary: "Declare several services at once, all or nothing",
    details: "A rehearsal answers as POST /v1/plan does.",
    query: DRY_RUN,
    body: SPECS,
    answer: { schema: Applied, rehearsal: Planned },
  },
  getServiceSchema: {
    tag,
    summary: "What a spec may say, as a JSON Schema",
    needs: "open",
    answer: { schema: z.record(z.string(), z.unknown()) },
  },
} as const satisfies Readonly<Record<string, Operation>>;
