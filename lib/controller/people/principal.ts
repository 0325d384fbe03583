/**
 * Who sends a request, and what that lets them do. The guard finds out who it is, `access.ts` asks here whether the
 * route is theirs; nothing here knows of requests.
 * @module
 */
import { Role } from "../../cluster/token.ts";
import type { Need } from "../../wire/contract/operation.ts";

/** A person or a program of theirs, known by a token. */
export interface Person {
  kind: "person";
  /** The token's id. */
  id: string;
  name: string;
  role: Role;
  /** Patterns of the services that it is for, with `*` for any characters; none: all, and the cluster as a whole. */
  services: readonly string[];
  /** The session of theirs that they come with, where it isn't the token itself. */
  session?: string;
}

/** Who asks. */
export type Principal =
  /** Nobody was asked for a credential: loopback, or a lab. */
  | { kind: "anyone" }
  | Person
  /** An agent. */
  | { kind: "node"; node: string };

/** Whoever comes with the token of `--token-file`: the last resort, which can't be revoked while the controller runs. */
export const TOKEN_FILE_PERSON: Person = {
  kind: "person",
  id: "token-file",
  name: "token-file",
  role: "admin",
  services: [],
};

/** Why the role isn't enough, for people; undefined when it is. */
export function denialOf(who: Principal, need: Need): string | undefined {
  if (need === "open" || who.kind === "anyone") return undefined;
  if (who.kind === "node") {
    return need === "node" ? undefined : "the credential of a node is for that node's own routes; use a person's token";
  }
  const least = need === "node" ? "operator" : need;
  if (rankOf(who.role) >= rankOf(least)) return undefined;
  return `this needs the role ${least}, and the token "${who.name}" has the role ${who.role}`;
}

/** Whether it is for some services only, and so not for the cluster as a whole. */
export function isScoped(who: Principal): who is Person {
  return who.kind === "person" && who.services.length > 0;
}

/** Whether it is for that service. */
export function covers(who: Principal, service: string): boolean {
  return !isScoped(who) || who.services.some((pattern) => matches(pattern, service));
}

function rankOf(role: Role): number {
  return Role.options.indexOf(role);
}

/** Looks for the parts between the stars one after the other: no pattern makes that slow. */
function matches(pattern: string, name: string): boolean {
  const [head = "", ...parts] = pattern.split("*");
  const tail = parts.pop();
  if (tail === undefined) return name === pattern;
  if (!name.startsWith(head)) return false;
  let at = head.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length - tail.length >= at && name.endsWith(tail);
}
