/**
 * How things are, in a word and a tone: red for what went wrong, and for nothing else.
 * @module
 */
import { assertEquals } from "@std/assert";
import { nodeCondition, replicaCondition, serviceCondition, tally } from "../../../lib/console/web/condition.ts";
import type { ReplicaView, ServiceView } from "../../../lib/wire/api.ts";
import { wallAt } from "../../support/builders.ts";
import { nodeView, replicaView, rolloutView, serviceView } from "../../support/views.ts";

const NOW_MS = Date.parse(wallAt(20_000));

function replica(fields: Partial<ReplicaView>): string {
  const { tone, word } = replicaCondition(replicaView(1, { ready: false, ...fields }), NOW_MS);
  return `${tone} ${word}`;
}

function service(fields: Partial<ServiceView>, replicas: readonly ReplicaView[] = []): string {
  const { tone, word } = serviceCondition(serviceView("web", fields), replicas, NOW_MS);
  return `${tone} ${word}`;
}

Deno.test("a replica that waits or starts is no trouble", () => {
  assertEquals(replica({ ready: true }), "good ready");
  assertEquals(replica({ phase: "pending", started_at: null }), "idle pending");
  assertEquals(replica({ phase: "starting" }), "busy starting");
  assertEquals(replica({ phase: "running" }), "busy getting ready");
  assertEquals(replica({ phase: "draining" }), "idle draining");
  assertEquals(replica({ phase: "exited", exit: { code: 0, signal: null, at: wallAt(0) } }), "idle exited");
});

Deno.test("a replica that crashed, was lost, or doesn't get ready is one", () => {
  assertEquals(replica({ phase: "exited", exit: { code: 1, signal: null, at: wallAt(0) } }), "bad crashed");
  assertEquals(replica({ phase: "exited", exit: { code: null, signal: "SIGKILL", at: wallAt(0) } }), "bad crashed");
  assertEquals(replica({ phase: "pending", crashes: 2 }), "bad crashed");
  assertEquals(replica({ phase: "starting", crashes: 2 }), "busy restarting");
  assertEquals(replica({ phase: "lost" }), "bad lost");
  assertEquals(replica({ phase: "running", started_at: wallAt(-60_000) }), "warn not ready");
});

Deno.test("a service is as its replicas are, and as its rollout goes", () => {
  const crashed = replicaView(1, { ready: false, phase: "exited", crashes: 1 });
  assertEquals(service({}), "good healthy");
  assertEquals(service({ desired: 0, ready: 0 }), "idle scaled to 0");
  assertEquals(service({ ready: 1 }), "busy starting");
  assertEquals(service({ ready: 0, waiting: ["web.0 waits: no node"] }), "busy waiting");
  assertEquals(service({ ready: 2 }, [crashed, replicaView(2)]), "bad 1 crashed");
  assertEquals(service({ ready: 0 }, [replicaView(1, { ready: false, phase: "lost" })]), "bad 1 lost");
  assertEquals(service({ rollout: rolloutView() }), "busy updating");
  assertEquals(service({ rollout: rolloutView({ from: null }), ready: 1 }), "busy starting");
  assertEquals(service({ rollout: rolloutView({ phase: "canary" }) }), "busy canary");
  assertEquals(service({ rollout: rolloutView({ paused: true }) }), "warn update paused");
  assertEquals(service({ rollout: rolloutView({ phase: "failed" }) }), "bad update failed");
  assertEquals(service({ rollout: rolloutView({ phase: "done" }) }), "good healthy");
  assertEquals(service({ removed: true }, [crashed]), "idle being removed");
});

Deno.test("a node that joins or is emptied on purpose is no trouble", () => {
  const drain = {
    since: wallAt(0),
    by: "me",
    deadline: null,
    deadline_at: null,
    overdue: false,
    moved: 2,
    remaining: 0,
    waiting: [],
  };
  const words = [
    nodeView(1),
    nodeView(1, { status: "pending" }),
    nodeView(1, { status: "suspect" }),
    nodeView(1, { status: "lost" }),
    nodeView(1, { draining: true, drain }),
    nodeView(1, { draining: true, drain: { ...drain, remaining: 1 } }),
    nodeView(1, { leaving: true }),
  ].map(nodeCondition).map(({ tone, word }) => `${tone} ${word}`);
  assertEquals(words, [
    "good ready",
    "busy joining",
    "warn suspect",
    "bad lost",
    "idle drained",
    "idle draining",
    "idle leaving",
  ]);
});

Deno.test("tally() counts each kind, the well ones first", () => {
  const all = [{ tone: "bad", word: "lost" }, { tone: "good", word: "ready" }, {
    tone: "good",
    word: "ready",
  }] as const;
  assertEquals(tally(all), [{ tone: "good", word: "ready", count: 2 }, { tone: "bad", word: "lost", count: 1 }]);
});
