/**
 * Who comes in at the controller's port, and the names by which it may be called there.
 * @module
 */
import type { Clock } from "../runtime/clock.ts";
import { byTokenFile, byTokens } from "./api/access/authenticators.ts";
import { createGuard, type Guard } from "./api/access/guard.ts";
import type { ApiContext } from "./api/context.ts";
import type { ClusterIdentity } from "./identity/cluster_identity.ts";
import { ownToken } from "./identity/own_token.ts";
import type { ControllerSettings } from "./settings.ts";

interface Entrance {
  settings: ControllerSettings;
  world: { hostname: string; clock: Clock };
  /** Where nodes have identities. */
  identity: ClusterIdentity | undefined;
}

/** Who comes in. A secure controller always has a token that nobody had to give it. */
export async function guardOf(
  folder: string,
  { settings, world, identity }: Entrance,
  { tokens, sessions }: Pick<ApiContext, "tokens" | "sessions">,
): Promise<Guard> {
  // The command line on this host counts on its own token, also beside one that was given.
  const own = settings.secure ? await ownToken(folder) : undefined;
  const given = [settings.token, own].filter((token) => token !== undefined);
  const authenticators = [...given.map(byTokenFile), byTokens(tokens)];
  if (identity !== undefined) authenticators.push(identity.credentials.authenticate);
  const hosts = [world.hostname, settings.host, ...settings.allowedHosts, ...hostOf(settings.advertise)];
  return createGuard({ required: given.length > 0, authenticators, sessions, hosts, clock: world.clock });
}

/** The addresses and names at which the controller's certificate is good. */
export function namesOf({ settings, world }: Pick<Entrance, "settings" | "world">): string[] {
  const names = [settings.host, ...hostOf(settings.advertise), ...settings.allowedHosts, world.hostname];
  return [...names.filter((name) => name !== "0.0.0.0" && name !== "::"), "localhost", "127.0.0.1", "::1"];
}

function hostOf(advertise: string | undefined): string[] {
  return advertise === undefined ? [] : [new URL(advertise).hostname];
}
