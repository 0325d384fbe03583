/**
 * How a replica is asked whether it is well. The same shape serves three questions: readiness (`health`: may it get
 * requests), liveness (is it to be started anew), and startup (has it begun at all; the others wait for that).
 * A timeout may be longer than the interval: the next probe begins an interval after the last one's end.
 * @module
 */
import * as z from "zod";
import { CommandLine, Duration, durationFrom, type ObjectOf, PAUSE_MIN, TEXT_MAX } from "./spec_field.ts";
import { hasPort, portNames } from "./surroundings.ts";

const STATUS_MIN = 200;
const STATUS_MAX = 599;
const STATUSES_MAX = 32;
const STATUS_RULE = `a status from ${STATUS_MIN} to ${STATUS_MAX}, or a range of them such as "200-299"`;
const STATUS_RANGE = /^([2-5]\d\d)(?:-([2-5]\d\d))?$/;
/** Well is what redirects as well, unless the operator says otherwise. */
const STATUS_USUAL = "200-399";
const BODY_TEXT_MAX = 1_024;
export const START_PERIOD_USUAL = "30s";
/** Longer, and a few replicas that hang would keep all others from being asked. */
const TIMEOUT_MAX = "60s";

const Status = z.union([
  z.int({ error: STATUS_RULE }).min(STATUS_MIN, { error: STATUS_RULE }).max(STATUS_MAX, { error: STATUS_RULE }),
  z.string().refine((text) => rangeOf(text) !== undefined, { error: STATUS_RULE }),
], { error: STATUS_RULE });
const Statuses = z.union([Status, z.array(Status).min(1).max(STATUSES_MAX)], {
  error: `${STATUS_RULE}, or a list of up to ${STATUSES_MAX} of these`,
});

/** A question over the network, and how many answers in a row count: what every check has. */
export const QUESTION = {
  http: z.string().max(TEXT_MAX).regex(/^\/[\x21-\x7e]*$/, { message: 'a path that starts with "/"' }).optional(),
  tcp: z.literal(true).optional(),
  /** What an answer over HTTP may have. */
  status: Statuses.optional(),
  /** What the answer's body has to contain. */
  body: z.string().min(1).max(BODY_TEXT_MAX).optional(),
  interval: durationFrom(PAUSE_MIN).prefault("1s"),
  timeout: durationFrom(PAUSE_MIN, TIMEOUT_MAX).prefault("500ms"),
  unhealthy_after: z.int().min(1).max(100).prefault(3),
  healthy_after: z.int().min(1).max(100).prefault(1),
};

export function healthSchema(object: ObjectOf) {
  return object({
    ...QUESTION,
    command: CommandLine.optional(),
    /** The name of the port that is asked. */
    port: z.string().optional(),
    start_period: Duration.prefault(START_PERIOD_USUAL),
  }).superRefine((health, context) => {
    const refuse = (message: string, ...path: string[]) => context.addIssue({ code: "custom", message, path });
    if ([health.http, health.tcp, health.command].filter((probe) => probe !== undefined).length !== 1) {
      refuse('give exactly one of "http", "tcp" and "command"');
    }
    refuseWithoutHttp(health, context);
    if (health.port !== undefined && health.command !== undefined) {
      refuse("a command is told its ports by variables such as PORT: leave this out", "port");
    }
  });
}

/** Refuses what is said of an answer over HTTP where none is asked for. */
export function refuseWithoutHttp(
  check: Readonly<{ http?: string | undefined; status?: unknown; body?: unknown }>,
  context: z.RefinementCtx,
): void {
  for (const name of ["status", "body"] as const) {
    if (check[name] === undefined || check.http !== undefined) continue;
    context.addIssue({ code: "custom", message: `only an "http" check has a ${name}`, path: [name] });
  }
}

/** How a replica is asked; exactly one of `http`, `tcp` and `command` names the probe. */
export const Health = healthSchema(z.strictObject as unknown as ObjectOf);
export type Health = z.infer<typeof Health>;

/** The three questions of a spec; what is absent is not asked. */
export interface Checks {
  /** Readiness. */
  health?: Health | undefined;
  liveness?: Health | undefined;
  startup?: Health | undefined;
}

/** The fields of a spec that hold them. */
export const CHECKS = ["startup", "health", "liveness"] as const;

/** Whether an answer of this status is a good one. */
export function isGoodStatus({ status: wanted = STATUS_USUAL }: Pick<Health, "status">, status: number): boolean {
  return [wanted].flat().some((one) => {
    const { from, to } = typeof one === "number" ? { from: one, to: one } : rangeOf(one) ?? { from: 0, to: 0 };
    return status >= from && status <= to;
  });
}

/** Refuses checks of ports that the spec does not have. */
export function checkPortNames(
  spec: Checks & { ports: Readonly<Record<string, unknown>> },
  context: z.RefinementCtx,
): void {
  for (const field of CHECKS) {
    const name = spec[field]?.port;
    if (name === undefined || hasPort(spec, name)) continue;
    const message = `there is no port of this name; there are ${portNames(spec)}`;
    context.addIssue({ code: "custom", message, path: [field, "port"] });
  }
}

function rangeOf(text: string): { from: number; to: number } | undefined {
  const [, from, to = from] = STATUS_RANGE.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  return range.from <= range.to ? range : undefined;
}
