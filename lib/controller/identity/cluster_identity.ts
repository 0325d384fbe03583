/**
 * All that a controller needs where nodes have identities: the authority, who belongs to the cluster, what is shown to
 * agents and how what they show is checked.
 * @module
 */
import type { Commit } from "../../cluster/record.ts";
import type { Clock } from "../../runtime/clock.ts";
import { Attempts } from "../api/access/attempts.ts";
import type { Loaded } from "../shell.ts";
import { type Authority, openAuthority } from "./authority.ts";
import { Members } from "./members.ts";
import { createNodeCredentials, type NodeCredentials } from "./node_credentials.ts";
import { Rotation } from "./rotation.ts";

export interface ClusterIdentity {
  authority: Authority;
  /** How the authority is replaced. */
  rotation: Rotation;
  members: Members;
  credentials: NodeCredentials;
  /** Failed tries to join and to renew. */
  attempts: Attempts;
  /** The names and addresses at which this controller is reached. */
  hosts: readonly string[];
}

export interface ClusterIdentityOptions {
  /** The controller's data folder. */
  folder: string;
  loaded: Loaded;
  clock: Clock;
  /** The names and addresses at which this controller is reached. */
  hosts: readonly string[];
}

/** Opens the authority, and makes it at the first start. */
export async function openClusterIdentity(
  { folder, loaded: { snapshot }, clock, hosts }: ClusterIdentityOptions,
): Promise<ClusterIdentity> {
  const authority = await openAuthority({ folder, cluster: snapshot.cluster, clock });
  const members = new Members(clock);
  members.load(snapshot);
  const credentials = createNodeCredentials({ authority, members, wall: () => clock.wall() });
  const rotation = new Rotation({ authority, members, clock });
  return { authority, rotation, members, credentials, attempts: new Attempts(clock), hosts };
}

/** Takes a commit in; returns whether nodes were sent away or have come back. */
export function followMembers(identity: ClusterIdentity | undefined, commit: Commit): boolean {
  return identity?.members.follow(commit) ?? false;
}
