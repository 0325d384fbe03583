/**
 * Whether the services have what is wanted of them: placed, alive, rolled out, and reached by the ingress.
 * @module
 */
import type { ReplicaView, ServiceView } from "../../../wire/api.ts";
import { allPages } from "../../../wire/client/pages.ts";
import { type Check, type Finding, type Patient, problem, warning } from "./finding.ts";

/** So many crashes of one replica are no accident. */
const CRASHES_MAX = 3;
/** Services that are asked about one by one. */
const ASKED_MAX = 50;
/** How `explain` begins to say why clients can't come in. */
const OBSTACLE = "can't be reached: ";

export const SERVICE_CHECKS: readonly Check[] = [
  {
    fine: "all services are placed and rolled out",
    examine: async (patient) => (await servicesOf(patient)).flatMap(placedAndRolledOut),
  },
  {
    fine: "no replica crashes again and again",
    examine: async ({ client, signal }) => {
      const replicas = await allPages((query) => client.listReplicas({ query }, { signal }));
      return replicas.flatMap(crashes);
    },
  },
  { fine: "the ingress has the ports that services ask for", examine: ingress },
];

async function servicesOf({ client, signal }: Patient): Promise<ServiceView[]> {
  return await allPages((query) => client.listServices({ query }, { signal }));
}

function placedAndRolledOut({ name, waiting, rollout, removed }: ServiceView): Finding[] {
  const where = `service ${name}`;
  const found: Finding[] = [];
  if (waiting.length > 0 && !removed) {
    const others = waiting.length > 1 ? ` (and ${waiting.length - 1} more)` : "";
    const remedy = `"controller explain ${name}" says why of each node`;
    found.push(problem(`not all of it can run: ${waiting[0]}${others}`, where, { remedy }));
  }
  if (rollout?.phase === "failed") {
    const remedy = `"controller logs ${name}" shows what it said; "controller rollback ${name}" goes back`;
    found.push(problem(`generation ${rollout.to} failed: ${rollout.reason}`, where, { remedy }));
  }
  if (rollout?.paused && rollout.phase !== "done") {
    const remedy = `"controller resume ${name}" lets it go on`;
    found.push(warning(`its rollout to generation ${rollout.to} is paused`, where, { remedy }));
  }
  return found;
}

function crashes({ name, crashes, ready, reason }: ReplicaView): Finding[] {
  if (ready || crashes < CRASHES_MAX) return [];
  const remedy = `"controller logs ${name}" shows what it says, "controller explain ${name}" when it is tried next`;
  return [problem(`it crashed ${crashes} times: ${reason}`, `replica ${name}`, { remedy })];
}

async function ingress(patient: Patient): Promise<Finding[]> {
  const { client, signal } = patient;
  const routed = (await servicesOf(patient)).filter(({ spec }) => hasSome(spec.routes) || hasSome(spec.tcp));
  const found: Finding[] = [];
  for (const { name } of routed.slice(0, ASKED_MAX)) {
    const { because } = await client.explain({ name, query: { kind: "service" } }, { signal });
    const obstacles = because.filter((reason) => reason.includes(OBSTACLE));
    const remedy = "do what it says, or take the route out of the spec";
    found.push(...obstacles.map((reason) => problem(reason, `service ${name}`, { remedy })));
  }
  return found;
}

function hasSome(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0;
}
