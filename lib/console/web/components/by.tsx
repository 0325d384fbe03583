/**
 * Who did something, where somebody is known by a name: a cluster that asks nobody for a credential knows none.
 * @module
 */
import { Name } from "./text.tsx";

export function By({ who }: { who: string | null }) {
  if (who === null || who === "") return null;
  return (
    <>
      {" by "}
      <Name text={who} />
    </>
  );
}
