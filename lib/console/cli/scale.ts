/**
 * `controller scale web=5`: how many replicas of a service are wanted. A bare number is for the default service. The
 * answer comes as soon as the wish is durable; `status` shows what has become of it.
 * @module
 */
import { command } from "./command.ts";
import { UsageError } from "./exit_code.ts";

export const scale = command({
  name: "scale",
  summary: "say how many replicas of a service should run",
  words: [{ name: "service=n", kind: "scale" }],
  usage: "<service>=<n> | <n> [flags]",
  flags: {},
  act: async ({ client, words: [wish], show, signal }) => {
    const answer = await client.scale({ body: wishOf(wish) }, { signal });
    const { service, desired, revision } = answer;
    const told = `${service}: ${desired} wanted, as of revision ${revision}`;
    await show(answer, () => `${told}\n`);
  },
});

/** The controller knows which services there are and how many replicas may be asked for. */
function wishOf(wish = ""): { service?: string; replicas: number } {
  const [, service, count] = /^(?:([^=]+)=)?(\d{1,9})$/.exec(wish) ?? [];
  if (count === undefined) {
    const found = wish === "" ? "nothing" : `"${wish}"`;
    throw new UsageError(`Cannot scale: expected <service>=<number> or a number, found ${found}`);
  }
  return { ...(service !== undefined && { service }), replicas: Number(count) };
}
