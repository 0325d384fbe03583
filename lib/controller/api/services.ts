/**
 * `/v1/services`: what operators want running. A changed spec makes a new generation, which the plan rolls out replica
 * by replica; the scale changes without one; a removed service stays until its last replica has stopped.
 * @module
 */
import { put } from "../../cluster/record.ts";
import { isUnderWay, type RolloutRecord } from "../../cluster/rollout.ts";
import { ServiceSpec } from "../../cluster/service.ts";
import type { ServiceRecord } from "../../cluster/service_record.ts";
import type { ServiceState } from "../../cluster/state.ts";
import { PutService } from "../../wire/api.ts";
import { CONTRACT } from "../../wire/contract/contract.ts";
import { readDocuments } from "../../wire/documents.ts";
import { checkSpec, type SpecGiven } from "../../wire/specs.ts";
import { declare } from "../change/declaration.ts";
import { portClaimedTwice } from "../change/port_claim.ts";
import { release } from "../change/release.ts";
import { sees, unknownService } from "./access/access.ts";
import { badRequest, conflict, json, portTaken } from "./answer.ts";
import { artifactRefusal } from "./artifacts.ts";
import { faultyBody } from "./body.ts";
import type { Call, Route } from "./context.ts";
import { answerPage } from "./page.ts";
import { originOf } from "./origin.ts";
import { unmetCondition } from "./precondition.ts";
import { route } from "./route.ts";
import { beingRemoved, scale } from "./scale.ts";
import { transact } from "./transact.ts";
import { serviceRevision, serviceView } from "./views.ts";

const EXAMPLE = CONTRACT.putService.body.example;

export const serviceRoutes: readonly Route[] = [
  route("listServices", { scope: "own", handle: listServices }),
  route("getService", { scope: "named", handle: getService }),
  route("putService", { scope: "named", handle: putService }),
  route("deleteService", { scope: "named", handle: deleteService }),
  route("scaleService", { scope: "named", handle: scaleService }),
  route("restartService", { scope: "named", handle: restartService }),
];

function listServices(call: Call): Response {
  const { api } = call.var;
  const seen = sees(call);
  return answerPage(call, {
    items: api.state.services.values().filter(({ record }) => seen(record.name)),
    keyOf: ({ record }) => record.name,
    viewOf: (service) => serviceView(api, service),
  });
}

function getService(call: Call): Response {
  const { api } = call.var;
  const service = serviceIn(call);
  if (service instanceof Response) return service;
  return json(serviceView(api, service), { revision: serviceRevision(api.state, service.record.name) });
}

function putService(call: Call): Promise<Response> | Response {
  const given = givenSpec(call);
  if (given instanceof Response) return given;
  const name = nameIn(call);
  return transact(call, (state, revision) => {
    const former = serviceRevision(state, name);
    const unmet = unmetCondition(call.req.raw.headers, former);
    if (unmet !== undefined) return unmet;
    const claimed = portClaimedTwice(state, [given]);
    if (claimed !== undefined) return portTaken(claimed);
    const { outcome, record, changes } = declare(state, given, originOf(call));
    const status = outcome === "created" ? 201 : 200;
    const at = outcome === "unchanged" ? former ?? 0 : revision;
    return { changes, status, body: asWritten(record, at), revision: former };
  });
}

/** The spec of the body, in YAML or JSON, under the name that the path says. */
function givenSpec(call: Call): SpecGiven | Response {
  const read = readDocuments(call.var.body);
  if (read.kind === "faulty") return faultyBody(read.faults, EXAMPLE);
  const [document, ...others] = read.documents;
  if (document === undefined || others.length > 0 || document.root.length > 0) {
    return badRequest(`expected one spec, such as ${EXAMPLE}; several at once are for POST /v1/apply`);
  }
  const checked = checkSpec(document, PutService);
  if (checked.kind === "faulty") return faultyBody(checked.faults, EXAMPLE);
  const name = nameIn(call);
  const given = checked.value;
  if (given.name !== undefined && given.name !== name) {
    return badRequest(`"name" is ${given.name} and the path says ${name}: make them the same, or leave "name" out`);
  }
  const parsedName = ServiceSpec.shape.name.safeParse(name);
  if (!parsedName.success) return badRequest(`the service's name: ${parsedName.error.issues[0]?.message}`);
  return artifactRefusal(call, [{ ...given, name }]) ?? { ...given, name };
}

function scaleService(call: Call): Promise<Response> | Response {
  return scale(call, nameIn(call));
}

function deleteService(call: Call): Promise<Response> | Response {
  const name = nameIn(call);
  return transact(call, (state, revision) => {
    const service = state.services.get(name)?.record;
    const former = serviceRevision(state, name);
    const unmet = unmetCondition(call.req.raw.headers, former);
    if (unmet !== undefined) return unmet;
    if (service === undefined) return unknownService(call, name);
    const record = { ...service, removed: true };
    const changes = service.removed ? [] : [put(record)];
    return {
      changes,
      status: 202,
      body: asWritten(record, service.removed ? former ?? 0 : revision),
      revision: former,
    };
  });
}

/** A restart is a new generation of the same spec: its replicas take over one by one, and none is missed. */
function restartService(call: Call): Promise<Response> | Response {
  const name = nameIn(call);
  return transact(call, (state, revision) => {
    const service = state.services.get(name);
    const unmet = unmetCondition(call.req.raw.headers, serviceRevision(state, name));
    if (unmet !== undefined) return unmet;
    if (service === undefined) return unknownService(call, name);
    const { record: { spec, desired, removed }, rollout } = service;
    if (removed) return beingRemoved(name);
    if (rollout !== undefined && isUnderWay(rollout)) return rolloutUnderWay(rollout.record);
    const origin = { ...originOf(call), cause: "restart" as const };
    const { record, changes } = release(state, { ...spec, replicas: desired }, origin);
    return { changes, status: 202, body: asWritten(record, revision) };
  });
}

/** A restart would take the place of the rollout, and with it of what somebody has yet to decide about. */
function rolloutUnderWay({ service, cause, to, phase, paused }: RolloutRecord): Response {
  const advice = paused
    ? "resume it, or roll it back, first"
    : phase === "canary"
    ? "promote it, or roll it back, first"
    : "wait for its end, or roll it back, first";
  const detail = `a ${cause} of ${service}, to generation ${to}, is under way (${phase}${paused ? ", paused" : ""}): `;
  return conflict("rollout-under-way", { title: "An update is under way", detail: detail + advice });
}

/** What a write answers: the service as it was written. */
export function asWritten(record: ServiceRecord, revision: number) {
  const { name, generation, desired, removed, spec } = record;
  return { name, generation, desired, removed, spec, revision };
}

/** The name in the path. */
export function nameIn(call: Call): string {
  return call.req.param("name") ?? "";
}

/** The service that the path names. */
export function serviceIn(call: Call): ServiceState | Response {
  const { services } = call.var.api.state;
  const name = nameIn(call);
  return services.get(name) ?? unknownService(call, name);
}
