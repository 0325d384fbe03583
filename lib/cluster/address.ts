/**
 * Where a program finds the other services: `MUSTER_ADDR_<SERVICE>` names an address of its own host that leads to a
 * ready replica, wherever that is. Says which services have such an address, so that only their endpoints are told to
 * the agents, which listen there.
 * @module
 */
import { ServiceName, type ServiceSpec } from "./service.ts";
import { type ServiceRecord } from "./service_record.ts";

/** Up to here every service has an address for every replica; beyond, those that are mentioned in a spec. */
export const FEW_SERVICES_MAX = 64;
const PREFIX = "MUSTER_ADDR_";
const MENTION = /\bMUSTER_ADDR_([A-Z0-9_]+)/g;

/** The variable that holds a service's address. */
export function addressVariable(service: string): string {
  return `${PREFIX}${service.toUpperCase().replaceAll("-", "_")}`;
}

/** The services whose addresses a spec mentions, in its command, its variables or its files; they need not exist yet. */
export function addressedIn({ command, env, files, health, liveness, startup, stop }: ServiceSpec): string[] {
  const texts = [...command, ...Object.values(env), ...Object.values(files).map(({ template }) => template)];
  const beside = [health, liveness, startup, stop].flatMap((each) => each?.command ?? []);
  const mentions = [...texts, ...beside].flatMap((text) => [...text.matchAll(MENTION)]);
  // A service's name has no underscore, so that there is one way back.
  const names = mentions.map(([, mentioned = ""]) => mentioned.toLowerCase().replaceAll("_", "-"));
  return [...new Set(names)].filter((name) => ServiceName.safeParse(name).success);
}

/** The services that every replica is told of. */
export function toldToAll(services: ReadonlyMap<string, unknown>): string[] {
  return services.size > FEW_SERVICES_MAX ? [] : [...services.keys()];
}

/** The services whose endpoints agents have to know. */
export function addressedServices(services: ReadonlyMap<string, { record: ServiceRecord }>): Set<string> {
  const addressed = new Set(toldToAll(services));
  for (const { record } of services.values()) {
    for (const { spec } of [record, ...record.history]) for (const name of addressedIn(spec)) addressed.add(name);
  }
  return addressed;
}
