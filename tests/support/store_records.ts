/**
 * Records for tests of the store: one of each kind, short to write.
 * @module
 */
import { type NodeRecord } from "../../lib/cluster/node.ts";
import type { ReceiptRecord } from "../../lib/cluster/record.ts";
import type { AssignmentRecord } from "../../lib/cluster/replica.ts";
import { defaultService, type ServiceRecord } from "../../lib/cluster/service_record.ts";
import type { TokenRecord } from "../../lib/cluster/token.ts";

export function serviceRecord(fields: Partial<ServiceRecord> = {}): ServiceRecord {
  return { ...defaultService(), ...fields };
}

export function nodeRecord(fields: Partial<NodeRecord> = {}): NodeRecord {
  return {
    type: "node",
    id: crypto.randomUUID(),
    identity: null,
    name: "alpha",
    url: "http://127.0.0.1:9090",
    labels: { zone: "a" },
    given_labels: {},
    capacity: { cpu: 2, memory: 2_048 },
    system: null,
    draining: false,
    drain: null,
    lost: false,
    losses: 0,
    ...fields,
  };
}

export function assignmentRecord(fields: Partial<AssignmentRecord> = {}): AssignmentRecord {
  return {
    type: "assignment",
    id: crypto.randomUUID(),
    service: "web",
    slot: 0,
    generation: 1,
    node: crypto.randomUUID(),
    fence: 1,
    restart_seq: 0,
    draining: false,
    successor_of: null,
    crashes_before: 0,
    reason: "0 of 1 running",
    ...fields,
  };
}

export function receiptRecord(fields: Partial<ReceiptRecord> = {}): ReceiptRecord {
  return { type: "receipt", id: "k-1", request: "PUT /v1", status: 200, body: "{}", revision: 1, ...fields };
}

export function tokenRecord(fields: Partial<TokenRecord> = {}): TokenRecord {
  return {
    type: "token",
    id: crypto.randomUUID(),
    name: "ada",
    hash: "00".repeat(32),
    role: "viewer",
    services: [],
    created_at: "2026-01-01T00:00:00.000Z",
    expires_at: null,
    ...fields,
  };
}
