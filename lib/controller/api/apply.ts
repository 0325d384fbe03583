/**
 * `POST /v1/apply`: several services at once, all or nothing, in one transaction; and `POST /v1/plan`, which says what
 * that would do and does nothing. Both take specs in YAML or JSON.
 * @module
 */
import type { Origin } from "../../cluster/service_record.ts";
import type { ClusterState } from "../../cluster/state.ts";
import type { Applied, Planned } from "../../wire/change.ts";
import { CONTRACT } from "../../wire/contract/contract.ts";
import { parseSpecs, type SpecGiven } from "../../wire/specs.ts";
import {
  appliedView,
  changesOf,
  type Declaration,
  declare,
  givenUpBefore,
  plannedView,
} from "../change/declaration.ts";
import { type PortClaim, portClaimedTwice } from "../change/port_claim.ts";
import { preview } from "../change/preview.ts";
import { takingTurns } from "../change/taking_turns.ts";
import { outside, sees } from "./access/access.ts";
import { badRequest, busy, json, portTaken } from "./answer.ts";
import { artifactRefusal } from "./artifacts.ts";
import { faultyBody } from "./body.ts";
import type { ApiContext, Call, Route } from "./context.ts";
import { originOf } from "./origin.ts";
import { unmetCondition } from "./precondition.ts";
import { flagIn } from "./query.ts";
import { route } from "./route.ts";
import { type Draft, transact } from "./transact.ts";
import { serviceRevision } from "./views.ts";
import { type Drafted, write, type Writer, type Written } from "../change/write.ts";

const PLANS_WAITING_MAX = 8;

export const applyRoutes: readonly Route[] = [
  route("apply", { scope: "own", handle: applyBody }),
  route("plan", { scope: "own", handle: planBody }),
];

function applyBody(call: Call): Promise<Response> | Response {
  const specs = specsIn(call);
  if (specs instanceof Response) return specs;
  if (flagIn(call, "dry_run")) return planned(call, specs);
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
    if (value.kind === "claimed") return portTaken(value.claim);
    return { changes, status: 200, body: value.applied, revision: value.applied.revision };
  });
}

function planBody(call: Call): Promise<Response> | Response {
  const specs = flagIn(call, "before_upload") ? ownSpecsIn(call) : specsIn(call);
  return specs instanceof Response ? specs : planned(call, specs);
}

/** The specs of the body, if all of them are the caller's to send, and what they run is there. */
function specsIn(call: Call): SpecGiven[] | Response {
  const specs = ownSpecsIn(call);
  return specs instanceof Response ? specs : artifactRefusal(call, specs) ?? specs;
}

function ownSpecsIn(call: Call): SpecGiven[] | Response {
  const parsed = parseSpecs(call.var.body);
  if (parsed.kind === "faulty") return faultyBody(parsed.faults, CONTRACT.apply.body.example);
  return parsed.value.map(({ name }) => outside(call, name)).find((refusal) => refusal !== undefined) ?? parsed.value;
}

function planned(call: Call, specs: readonly SpecGiven[]): Promise<Response> | Response {
  const { plans } = call.var.api;
  if (plans.waiting >= PLANS_WAITING_MAX) return busy("too many plans are waiting to be made", { retryAfterS: 5 });
  return plans.pass(() => plan(call, specs));
}

async function plan(call: Call, specs: readonly SpecGiven[]): Promise<Response> {
  const { state, clock } = call.var.api;
  const claim = portClaimedTwice(state, specs);
  if (claim !== undefined) return portTaken(claim);
  const origin = originOf(call);
  const declarations = specs.map((spec) => declare(state, spec, origin));
  const played = await preview(state, changesOf(declarations), {
    nowMs: clock.now(),
    wall: origin.at,
    turn: takingTurns(),
  });
  const seen = sees(call);
  const given = new Set(specs.map(({ name }) => name));
  const waits = played.waits.filter(({ service }) => given.has(service));
  const complete = given.isDisjointFrom(played.left);
  const body: Planned = {
    services: declarations.map(plannedView),
    // What is given may make others move, and those are told of too.
    actions: played.actions.filter(({ service }) => seen(service)),
    waits: waits.map(({ service, slot, reason, kind }) => ({ service, slot, reason, kind })),
    complete,
    cut_short: complete ? null : played.cutShort,
  };
  return json(body);
}

/** What came of specs: all were applied, or none, as a port of one is another's. */
export type Outcome = { kind: "applied"; applied: Applied } | { kind: "claimed"; claim: PortClaim };

/** The services that were left as they are, with the generation of theirs that ran the spec and was given up. */
export type Left = ReadonlyMap<string, number>;

/**
 * Applies specs for somebody who sends no request, such as a file that is kept applied. `retry`: whether what was given
 * up before is tried again.
 */
export function applySpecs(
  api: Writer & Pick<ApiContext, "clock">,
  specs: readonly SpecGiven[],
  { by, retry = true }: { by: string; retry?: boolean },
): Promise<Written<Outcome & { left: Left }>> {
  return write(api, (state, revision) => {
    const origin = { at: new Date(api.clock.wall()).toISOString(), by, cause: "release" as const };
    const left = retry ? new Map<string, number>() : givenUpOf(state, specs);
    const { changes, value } = draftSpecs(state, specs.filter(({ name }) => !left.has(name)), { origin, revision });
    return { changes, value: { ...value, left } };
  });
}

function givenUpOf(state: ClusterState, specs: readonly SpecGiven[]): Left {
  return new Map(specs.flatMap((spec) => {
    const generation = givenUpBefore(state, spec);
    return generation === undefined ? [] : [[spec.name, generation] as const];
  }));
}

interface Applying {
  origin: Origin & { at: string };
  /** The revision under which the changes will be committed. */
  revision: number;
}

function draftSpecs(
  state: ClusterState,
  specs: readonly SpecGiven[],
  { origin, revision: next }: Applying,
): Drafted<Outcome> {
  const claim = portClaimedTwice(state, specs);
  if (claim !== undefined) return { changes: [], value: { kind: "claimed", claim } };
  const declarations = specs.map((spec) => declare(state, spec, origin));
  const changes = changesOf(declarations);
  const revisionOf = ({ outcome, record }: Declaration) =>
    outcome === "unchanged" ? serviceRevision(state, record.name) ?? 0 : next;
  const services = declarations.map((declaration) => appliedView(declaration, revisionOf(declaration)));
  const applied = { services, revision: changes.length > 0 ? next : state.revision };
  return { changes, value: { kind: "applied", applied } };
}
