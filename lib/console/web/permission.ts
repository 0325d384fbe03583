/**
 * What a role allows, so that a button which would be refused says so before it is pressed. The controller decides; this
 * is a courtesy.
 * @module
 */
import type { Role } from "../../cluster/token.ts";
import type { SessionView } from "../../wire/api.ts";

const ROLES: readonly Role[] = ["viewer", "operator", "admin"];

/** Why they may not, in words; undefined if they may. Without a service it is about the cluster as a whole. */
export function denialOf(
  { name, role, services }: Pick<Readonly<SessionView>, "name" | "role"> & { services: readonly string[] },
  { needs, service }: { needs: Role; service?: string | undefined },
): string | undefined {
  const who = name ?? "you";
  if (ROLES.indexOf(role) < ROLES.indexOf(needs)) return `${who} is ${role}: this takes ${needs}`;
  if (services.length === 0 || needs === "viewer") return undefined;
  if (service === undefined) return `${who} is for some services only: this is about the cluster as a whole`;
  return services.some((pattern) => matches(pattern, service)) ? undefined : `${who} is not for the service ${service}`;
}

/** In a pattern, * stands for any characters; the rest are letters, digits and hyphens. */
function matches(pattern: string, service: string): boolean {
  return new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(service);
}
