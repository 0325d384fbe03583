/**
 * Things of the cluster by their names, as links to their pages.
 * @module
 */
import type { ReplicaView } from "../../../wire/api.ts";
import { hrefOf } from "../place.ts";
import { Name } from "./text.tsx";

export function ServiceLink({ name }: { name: string }) {
  return (
    <a href={hrefOf("services", name)}>
      <Name text={name} />
    </a>
  );
}

export function ReplicaLink({ replica: { id, name } }: { replica: Pick<ReplicaView, "id" | "name"> }) {
  return (
    <a href={hrefOf("replicas", id)}>
      <Name text={name} />
    </a>
  );
}

/** A replica that is gone to no node yet has none to lead to. */
export function NodeLink({ id, name }: { id: string; name: string }) {
  if (id === "") return <span class="faint">–</span>;
  return (
    <a href={hrefOf("nodes", id)}>
      <Name text={name || id} />
    </a>
  );
}
