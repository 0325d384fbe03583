/**
 * What a plan says before a change is what whole programs then do.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Planned } from "../../lib/wire/change.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";

const scenario = { ignore: !granted || Deno.build.os === "windows" };

const WEB = {
  name: "web",
  command: ["payload"],
  health: { http: "/readyz", interval: "100ms" },
  update: { min_healthy: "0s" },
};

/** Starts and stops that have happened since the last call, as a plan would say them. */
function follow(cluster: Cluster): () => Promise<string[]> {
  let known = 0;
  return async () => {
    const events = await cluster.events();
    const fresh = events.slice(known);
    known = events.length;
    return fresh.flatMap((text) => {
      const [, started, onto] = /^replica_assigned: (\S+) is assigned to ([^:]+):/.exec(text) ?? [];
      const [, stopped, from] = /^replica_stopping: (\S+) on (\S+) is stopped:/.exec(text) ?? [];
      if (started !== undefined) return [`start ${started} on ${onto}`];
      return stopped === undefined ? [] : [`stop ${stopped} on ${from}`];
    });
  };
}

Deno.test(
  "what POST /v1/plan says is what real programs then do: create, scale, update beside and in turn, shrink",
  scenario,
  async () => {
    await using cluster = await startCluster({ agents: 2 });
    const happened = follow(cluster);
    await happened();
    const changes: { spec: Record<string, unknown>; replicas: number }[] = [
      { spec: { ...WEB, replicas: 2 }, replicas: 2 },
      { spec: { ...WEB, replicas: 4 }, replicas: 4 },
      { spec: { ...WEB, replicas: 4, env: { RELEASE: "2" } }, replicas: 4 },
      {
        spec: {
          ...WEB,
          replicas: 4,
          env: { RELEASE: "3" },
          update: { min_healthy: "0s", max_surge: 0, max_unavailable: 1 },
        },
        replicas: 4,
      },
      { spec: { ...WEB, replicas: 1, env: { RELEASE: "3" } }, replicas: 1 },
    ];
    for (const { spec, replicas } of changes) {
      const { status, body } = await cluster.post("/v1/plan", spec);
      assertEquals(status, 200, body);
      const { actions, complete } = Planned.parse(JSON.parse(body));
      assert(complete, body);
      const said = actions.filter(({ kind }) => kind === "start" || kind === "stop")
        .map(({ kind, service, slot, node_name }) => `${kind} ${service}.${slot} on ${node_name}`);
      const applied = await cluster.post("/v1/apply", spec);
      assertEquals(applied.status, 200, applied.body);
      await cluster.untilService("web", {
        what: "the change to be done",
        check: ({ desired, ready, assigned, rollout }) =>
          desired === replicas && ready === replicas && assigned === replicas &&
          (rollout === null || rollout.phase === "done"),
      });
      assertEquals(said, await happened(), JSON.stringify(spec));
    }
  },
);
