import { assert, assertEquals } from "@std/assert";
import type { Commit } from "../../lib/cluster/record.ts";
import type { AssignmentRecord, ReplicaState } from "../../lib/cluster/replica.ts";
import { Planned } from "../../lib/wire/change.ts";
import { type Harness, startApi } from "../controller/api/harness.ts";
import { observation } from "../support/builders.ts";

const STEPS_MAX = 500;
const WEB = { name: "web", command: ["x"], health: { http: "/" } };
const AT_ONCE = { min_healthy: "0s" };

/** What commits did to replicas, as a plan would say it. */
function follow(harness: Harness): string[] {
  const done: string[] = [];
  const known = new Map<string, AssignmentRecord>();
  const tell = (kind: string, { service, slot, node, generation }: AssignmentRecord) =>
    done.push(`${kind} ${service}.${slot} of ${generation} on ${node}`);
  harness.store.watch(({ changes }: Commit) => {
    for (const change of changes) {
      const id = change.op === "delete" ? change.key.replace("assignment/", "") : "";
      const former = known.get(id);
      if (former !== undefined) tell("forget", former);
      if (change.op === "delete" || change.record.type !== "assignment") continue;
      const { record } = change;
      if (!known.has(record.id)) tell("start", record);
      else if (record.draining && known.get(record.id)?.draining === false) tell("stop", record);
      known.set(record.id, record);
    }
  });
  return done;
}

/** The agents of the nodes: what is to run is ready, what is to stop has ended. */
async function obey(harness: Harness): Promise<void> {
  const { state } = harness.api;
  let seq = 1;
  const due = ({ record, observed }: ReplicaState) =>
    record.draining ? observed?.phase !== "exited" : observed?.ready !== true;
  for (let step = 0; step < STEPS_MAX; step++) {
    const behind = [...state.replicas.values()].filter(due);
    if (behind.length === 0 && state.unsettled.size === 0) return;
    for (const { record } of behind) {
      const opened = harness.sent.findLast((effect) => effect.kind === "open_stream" && effect.node === record.node);
      assert(opened?.kind === "open_stream");
      const seen = observation(record, record.draining ? { phase: "exited", ready: false, port: null, pid: null } : {});
      const line = { kind: "observation" as const, seq: ++seq, observation: seen };
      harness.shell.report({ kind: "line", node: record.node, stream: opened.stream, line });
    }
    const { revision } = state;
    await harness.shell.until(() => state.revision > revision || state.unsettled.size === 0, 1_000);
  }
  throw new Error(`Cannot settle: ${[...state.unsettled].join()} is left after ${STEPS_MAX} steps`);
}

Deno.test("what POST /v1/plan says is what the controller then does, for every way to change services", async () => {
  await using harness = await startApi();
  for (const name of ["alpha", "beta", "gamma"]) await harness.addNode(name);
  const done = follow(harness);
  const steps: unknown[] = [
    [{ ...WEB, replicas: 4, update: AT_ONCE }, { ...WEB, name: "db", replicas: 2 }],
    { ...WEB, replicas: 6, update: AT_ONCE },
    { ...WEB, replicas: 3, update: AT_ONCE },
    { ...WEB, env: { A: "1" }, update: AT_ONCE },
    { ...WEB, env: { A: "2" }, update: { ...AT_ONCE, max_surge: 0, max_unavailable: 1 } },
    { ...WEB, env: { A: "3" }, update: { ...AT_ONCE, canary: 1, auto_promote: true } },
    { ...WEB, env: { A: "4" }, update: { ...AT_ONCE, strategy: "blue_green", auto_promote: true } },
    { ...WEB, replicas: 0, update: AT_ONCE },
  ];
  for (const body of steps) {
    const answer = await harness.call("POST", "/v1/plan", { body });
    const { actions, complete } = Planned.parse(await answer.json());
    const said = actions.filter(({ kind }) => ["start", "stop", "forget"].includes(kind))
      .map(({ kind, service, slot, generation, node }) => `${kind} ${service}.${slot} of ${generation} on ${node}`);
    done.length = 0;
    await (await harness.call("POST", "/v1/apply", { body })).body?.cancel();
    await obey(harness);
    assertEquals([said, complete], [done, true], JSON.stringify(body));
    assert(said.length > 0);
  }
});
