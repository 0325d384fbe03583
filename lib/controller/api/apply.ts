/**
 * `POST /v1/apply`: several services at once, all or nothing, in one transaction; and `POST /v1/plan`, which says what
 * that would do and does nothing. Both take specs in YAML or JSON.
 * @module
 */
import type { Origin } from "../../cluster/service_record.ts";
import type { ClusterState } from "../../cluster/state.ts";
import type { Applied, Planned } from "../../wire/change.ts";
import { parseSpecs, type SpecGiven } from "../../wire/specs.ts";
import { appliedView, changesOf, type Declaration, declare, plannedView } from "../declaration.ts";
import { preview } from "../preview.ts";
import { outside, sees } from "./access.ts";
import { badRequest, json } from "./answer.ts";
import { faultyBody } from "./body.ts";
import type { ApiContext, Call, Route } from "./context.ts";
import { originOf } from "./origin.ts";
import { unmetCondition } from "./precondition.ts";
import { type Draft, transact } from "./transact.ts";
import { serviceRevision } from "./views.ts";
import { type Drafted, write, type Writer, type Written } from "./write.ts";

const EXAMPLE = '{"name":"web","command":["payload"],"replicas":2}';

export const applyRoutes: readonly Route[] = [
  { method: "POST", path: "/v1/apply", scope: "own", handle: applyBody },
  { method: "POST", path: "/v1/plan", scope: "own", needs: "viewer", handle: planBody },
];

function applyBody(call: Call): Promise<Response> | Response {
  const dryRun = call.req.query("dry_run") ?? "false";
  if (dryRun !== "true" && dryRun !== "false") return badRequest('"dry_run": true or false');
  const specs = specsIn(call);
  if (specs instanceof Response) return specs;
  if (dryRun === "true") return planned(call, specs);
  const { headers } = call.req.raw;
  const conditional = headers.has("if-match") || headers.has("if-none-match");
  if (conditional && specs.length > 1) {
    return badRequest(
      `"If-Match" is about one service, and ${specs.length} are given: put each of them to /v1/services/{name}`,
    );
  }
  return transact(call, (state, revision): Draft | Response => {
    const [only] = specs;
    const former = only && serviceRevision(state, only.name);
    const unmet = conditional ? unmetCondition(headers, former) : undefined;
    if (unmet !== undefined) return unmet;
    const { changes, value } = draftSpecs(state, specs, { origin: originOf(call), revision });
    return { changes, status: 200, body: value, revision: value.revision };
  });
}

function planBody(call: Call): Response {
  const specs = specsIn(call);
  return specs instanceof Response ? specs : planned(call, specs);
}

/** The specs of the body, if all of them are the caller's to send. */
function specsIn(call: Call): SpecGiven[] | Response {
  const parsed = parseSpecs(call.var.body);
  if (parsed.kind === "faulty") return faultyBody(parsed.faults, EXAMPLE);
  const refused = parsed.value.map(({ name }) => outside(call, name)).find((refusal) => refusal !== undefined);
  return refused ?? parsed.value;
}

function planned(call: Call, specs: readonly SpecGiven[]): Response {
  const { state, clock } = call.var.api;
  const origin = originOf(call);
  const declarations = specs.map((spec) => declare(state, spec, origin));
  const played = preview(state, changesOf(declarations), { nowMs: clock.now(), wall: origin.at });
  const seen = sees(call);
  const given = new Set(specs.map(({ name }) => name));
  const waits = played.waits.filter(({ service }) => given.has(service));
  const body: Planned = {
    services: declarations.map(plannedView),
    // What is given may make others move, and those are told of too.
    actions: played.actions.filter(({ service }) => seen(service)),
    waits: waits.map(({ service, slot, reason }) => ({ service, slot, reason })),
    complete: given.isDisjointFrom(played.left),
  };
  return json(body);
}

/** Applies specs for somebody who sends no request, such as a file that is kept applied. */
export function applySpecs(
  api: Writer & Pick<ApiContext, "clock">,
  specs: readonly SpecGiven[],
  { by }: { by: string },
): Promise<Written<Applied>> {
  return write(api, (state, revision) => {
    const origin = { at: new Date(api.clock.wall()).toISOString(), by, cause: "release" as const };
    return draftSpecs(state, specs, { origin, revision });
  });
}

interface Drafting {
  origin: Origin & { at: string };
  /** The revision under which the changes will be committed. */
  revision: number;
}

function draftSpecs(
  state: ClusterState,
  specs: readonly SpecGiven[],
  { origin, revision: next }: Drafting,
): Drafted<Applied> {
  const declarations = specs.map((spec) => declare(state, spec, origin));
  const changes = changesOf(declarations);
  const revisionOf = ({ outcome, record }: Declaration) =>
    outcome === "unchanged" ? serviceRevision(state, record.name) ?? 0 : next;
  const services = declarations.map((declaration) => appliedView(declaration, revisionOf(declaration)));
  return { changes, value: { services, revision: changes.length > 0 ? next : state.revision } };
}
