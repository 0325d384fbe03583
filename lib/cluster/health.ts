/**
 * How a replica is asked whether it is well. The same shape serves three questions: readiness (`health`: may it get
 * requests), liveness (is it to be started anew), and startup (has it begun at all; the others wait for that).
 * @module
 */
import * as z from "zod";
import { CommandLine, Duration, durationFrom, type ObjectOf, PAUSE_MIN, TEXT_MAX } from "./spec_field.ts";

export function healthSchema(object: ObjectOf) {
  return object({
    http: z.string().max(TEXT_MAX).regex(/^\/[\x21-\x7e]*$/, { message: 'a path that starts with "/"' }).optional(),
    tcp: z.literal(true).optional(),
    command: CommandLine.optional(),
    interval: durationFrom(PAUSE_MIN).prefault("1s"),
    timeout: durationFrom(PAUSE_MIN).prefault("500ms"),
    start_period: Duration.prefault("30s"),
    unhealthy_after: z.int().min(1).max(100).prefault(3),
    healthy_after: z.int().min(1).max(100).prefault(1),
  }).refine((health) => [health.http, health.tcp, health.command].filter((probe) => probe !== undefined).length === 1, {
    message: 'give exactly one of "http", "tcp" and "command"',
  });
}

/** How readiness is found out; exactly one of `http`, `tcp` and `command` names the probe. */
export const Health = healthSchema(z.strictObject as unknown as ObjectOf);
export type Health = z.infer<typeof Health>;
