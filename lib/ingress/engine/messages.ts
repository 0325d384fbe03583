/**
 * What the controller's thread and a worker of the ingress say to each other. All of it can be posted.
 * @module
 */
import type { Batch } from "../seen/traffic_metrics.ts";
import type { Certificates } from "../tls/certificates.ts";
import type { IngressSettings } from "./settings.ts";
import type { Listening, TcpPortNews, Traffic } from "./engine.ts";
import type { TrafficChange } from "./traffic_change.ts";

/** Where the ingress listens. */
export interface Ports {
  plain: readonly Listening[];
  tls: readonly Listening[];
}

export type ToWorker =
  /** The first one. */
  | {
    kind: "start";
    ports: Ports;
    isShared: boolean;
    settings: IngressSettings;
    caCerts: CaCerts;
    certificates: Certificates;
    /** What it has to know before it listens. */
    services: readonly (readonly [service: string, traffic: Traffic])[];
    /** What limits rates for all threads, and the time of whoever sends this. */
    limits: { cells: SharedArrayBuffer; nowMs: number } | undefined;
  }
  /** What TLS ports show from now on. */
  | { kind: "certificates"; certificates: Certificates }
  | { kind: "set"; service: string; traffic: Traffic }
  /** The service becomes what this makes of what was said of it before. */
  | { kind: "change"; service: string; change: TrafficChange }
  | { kind: "delete"; service: string }
  /** Asks to be told when nothing is under way at a replica that is no endpoint any more. */
  | { kind: "leave"; ask: number; replica: string }
  /** What is shown to the agent that was asked about. */
  | { kind: "token"; ask: number; token: string | undefined }
  /** Agents are believed by these from now on. */
  | { kind: "trust"; caCerts: CaCerts }
  /** The last one. */
  | { kind: "end" };

/** Certificates in PEM. */
export type CaCerts = string[] | undefined;

export type FromWorker =
  /** It hears now: what is sent earlier is lost. */
  | { kind: "ready" }
  | { kind: "listening"; addresses: readonly Deno.NetAddr[]; tlsAddresses: readonly Deno.NetAddr[] }
  | { kind: "failed"; reason: string }
  | { kind: "left"; ask: number }
  | { kind: "token_wanted"; ask: number; nodeUrl: string }
  | { kind: "counted"; batch: Batch }
  /** That of a TCP route can't be had, or can after all. */
  | { kind: "tcp_port"; news: TcpPortNews }
  | { kind: "ended" };
