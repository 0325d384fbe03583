/**
 * `POST /scale` and `POST /v1/services/{name}/scale`: how many replicas of a service are wanted.
 * @module
 */
import { put } from "../../cluster/record.ts";
import { DEFAULT_SERVICE, REPLICAS_MAX } from "../../cluster/service.ts";
import type { Scaled, ScaleRequest } from "../../wire/api.ts";
import { CONTRACT } from "../../wire/contract/contract.ts";
import { outside, unknownService } from "./access/access.ts";
import { badRequest, conflict } from "./answer.ts";
import type { Call } from "./context.ts";
import { unmetCondition } from "./precondition.ts";
import { bodyOf } from "./route.ts";
import { transact } from "./transact.ts";
import { serviceRevision } from "./views.ts";

/** `named` is the service that the path names. */
export function scale(call: Call, named: string | undefined): Promise<Response> | Response {
  const body = bodyOf(call, "scale");
  if (body instanceof Response) return body;
  const desired = wantedOf(body);
  if (desired instanceof Response) return desired;
  if (named !== undefined && body.service !== undefined && body.service !== named) {
    return badRequest(`"service" is ${body.service} and the path says ${named}: leave one out`);
  }
  const name = named ?? body.service ?? DEFAULT_SERVICE;
  const foreign = outside(call, name);
  if (foreign !== undefined) return foreign;
  return transact(call, (state, revision) => {
    const service = state.services.get(name)?.record;
    const former = serviceRevision(state, name);
    const unmet = unmetCondition(call.req.raw.headers, former);
    if (unmet !== undefined) return unmet;
    if (service === undefined) return unknownService(call, name);
    if (service.removed) return beingRemoved(name);
    const same = service.desired === desired;
    const body: Scaled = { service: name, desired, revision: same ? former ?? 0 : revision };
    return { changes: same ? [] : [put({ ...service, desired })], status: 202, body, revision: former };
  });
}

export function beingRemoved(name: string): Response {
  const detail = `${name} is being removed; apply its spec to have it back`;
  return conflict("service-removed", { title: "The service is being removed", detail });
}

function wantedOf({ replicas, count }: ScaleRequest): number | Response {
  const wanted = replicas ?? count;
  const range = `a whole number from 0 to ${REPLICAS_MAX}`;
  if (wanted === undefined) {
    return badRequest(`give "replicas" (or "count"), ${range}, such as ${CONTRACT.scale.body.example}`);
  }
  if (count !== undefined && count !== wanted) {
    return badRequest(`"replicas" is ${replicas} and "count" is ${count}: give one of them, ${range}`);
  }
  return wanted;
}
