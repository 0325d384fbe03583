/**
 * `POST /v1/replicas/{id}/signal` on an agent: a signal for a replica's process. It carries epoch and revision like all
 * orders, so that one that was delayed on its way does nothing.
 * @module
 */
import * as z from "zod";

/** The signals that may be sent on an operator's behalf. */
export const ReplicaSignalName = z.enum([
  "SIGTERM",
  "SIGINT",
  "SIGQUIT",
  "SIGHUP",
  "SIGUSR1",
  "SIGUSR2",
  "SIGKILL",
  "SIGSTOP",
  "SIGCONT",
  "SIGWINCH",
]);

/** The same on the controller, as operators send it. */
export const SignalReplica = z.strictObject({ signal: ReplicaSignalName });

export const ReplicaSignal = z.object({
  signal: ReplicaSignalName,
  epoch: z.int().min(0),
  revision: z.int().min(0),
});
export type ReplicaSignal = z.infer<typeof ReplicaSignal>;

/** What the controller answers to it. */
export const ReplicaSignalled = z.object({ id: z.string(), name: z.string(), signal: ReplicaSignalName });

/** The answer to a restart or a stop of a replica. */
export const ReplicaWritten = z.object({ id: z.string(), name: z.string(), revision: z.int() });
