/**
 * Which TCP ports of the ingress a ready replica serves, of those that its spec declares a check for. Each is a check
 * like readiness (`check.ts`), asked while the replica is ready and bad until an answer has said otherwise. Asking is up
 * to `life`, which brings the roles in line with spec and readiness at each of its steps.
 * @module
 */
import type { Health } from "../../cluster/health.ts";
import { questionOf, type TcpRoute } from "../../cluster/tcp_route.ts";
import { afterAnswer, askedAnew, type Check, newCheck, nextProbeMs } from "./check.ts";

/** What is known of one of them. */
interface Role {
  /** As the spec declares it at present. */
  readonly route: TcpRoute;
  readonly health: Health;
  readonly check: Check;
}

/** By the ingress's port, in the spec's order. */
export type Roles = ReadonlyMap<number, Role>;

export const NO_ROLES: Roles = new Map();

/** The ports for which the check is good, ascending. */
export function goodPorts(roles: Roles): number[] {
  return [...roles.values()].filter(({ check }) => check.well).map(({ route }) => route.port).sort((a, b) => a - b);
}

/** The roles by the present spec. Only checks that differ are asked anew, and what was good stays so until they fail. */
export function rolesFor(
  roles: Roles,
  { routes, ready, nowMs }: { routes: readonly TcpRoute[]; ready: boolean; nowMs: number },
): Roles {
  // Nearly all replicas have none, and are asked for them at every step of their agent.
  if (routes.length === 0) return NO_ROLES;
  const next = new Map<number, Role>();
  for (const route of routes) {
    if (route.check === undefined) continue;
    const role = roleFor(roles.get(route.port), { route, asked: route.check, nowMs });
    next.set(route.port, ready ? role : atRest(role, nowMs));
  }
  return next;
}

/** When the next question is due. */
export function nextRoleMs(roles: Roles): number | undefined {
  let nextMs = Infinity;
  for (const { check } of roles.values()) nextMs = Math.min(nextMs, nextProbeMs(check) ?? Infinity);
  return nextMs === Infinity ? undefined : nextMs;
}

/** The questions that are due. */
export function dueRoles(roles: Roles, nowMs: number): Role[] {
  return [...roles.values()].filter(({ check }) => (nextProbeMs(check) ?? Infinity) <= nowMs);
}

/** Notes that a question was asked: it is not asked again before its answer. */
export function afterRoleQuestion(roles: Roles, port: number): Roles {
  return withCheck(roles, port, (check) => ({ ...check, probe: "asked" }));
}

/** Takes in an answer, unless nobody wants to know any more. */
export function afterRoleProbe(
  roles: Roles,
  { port, ...answer }: { port: number; ok: boolean; detail: string; nowMs: number },
): Roles {
  return withCheck(roles, port, (check, health) => afterAnswer(check, health, answer));
}

function roleFor(
  former: Role | undefined,
  { route, asked, nowMs }: { route: TcpRoute; asked: NonNullable<TcpRoute["check"]>; nowMs: number },
): Role {
  if (former?.route === route) return former;
  const health = questionOf(asked);
  if (former === undefined) return { route, health, check: newCheck({ well: false, sinceMs: nowMs, nowMs }) };
  // New orders repeat what was said. One parser made both, which gives fields in one order.
  const isSame = JSON.stringify([former.route.target, former.route.check]) === JSON.stringify([route.target, asked]);
  return isSame ? { ...former, route } : { route, health, check: askedAnew(former.check, nowMs) };
}

/** Nothing is known of a replica that was not ready meanwhile. */
function atRest(role: Role, nowMs: number): Role {
  const { check } = role;
  if (!check.well && check.contrary === 0) return role;
  return { ...role, check: { ...askedAnew(check, nowMs), well: false } };
}

function withCheck(roles: Roles, port: number, change: (check: Check, health: Health) => Check): Roles {
  const role = roles.get(port);
  if (role === undefined) return roles;
  return new Map(roles).set(port, { ...role, check: change(role.check, role.health) });
}
