/**
 * `controller wait --for rollout web`: watches until something is as it is waited for, for scripts and for whoever
 * left off watching. What needs a person's word, such as a canary's promotion, is waited for as well.
 * @module
 */
import { oneOf } from "../../runtime/flag.ts";
import type { Client } from "../../wire/client/client.ts";
import { ifThere } from "../../wire/client/if_there.ts";
import type { ServiceView } from "../../wire/api.ts";
import { command } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import type { Goal } from "./follow/follow.ts";
import { followUntil, TIMEOUT } from "./follow/follow_until.ts";
import { given } from "./changing/given.ts";

const STATES = ["ready", "rollout", "gone", "drained"] as const;

export const wait = command({
  name: "wait",
  summary: "wait until a service is ready or gone, or a node is drained",
  details:
    "ready: as many replicas are ready as wanted. rollout: the present generation runs everywhere. gone: a removed " +
    "service has no replica left. drained: a node that is being drained is empty. The exit code is 0 then, 1 when it " +
    "can't come to that any more, and 6 after --timeout.",
  words: [{ name: "service|node", kind: "anything" }],
  usage: `--for ${STATES.join("|")} <service|node> [flags]`,
  flags: { for: oneOf(STATES, { help: "What to wait for", default: "ready" }), ...TIMEOUT },
  examples: [
    { line: "controller wait --for rollout web --timeout 5m", does: "until an update is over, five minutes at most" },
    { line: "controller wait --for drained host-3", does: "until a node is empty" },
  ],
  act: async (call) => {
    const { client, words: [word], signal, show, flags: { for: state } } = call;
    const name = given(word, "Cannot wait: say for which service or node");
    const goal = await goalOf(client, { state, name }, signal);
    const code = goal === undefined ? EXIT.fine : await followUntil(call, [goal], { patience: "waits" });
    await show({ name, for: state, reached: code === EXIT.fine }, () => "");
    return code;
  },
});

interface Wish {
  state: (typeof STATES)[number];
  name: string;
}

/** What is waited for; undefined where it is so already, and nothing is left of it. */
async function goalOf(client: Client, { state, name }: Wish, signal: AbortSignal): Promise<Goal | undefined> {
  if (state === "drained") {
    const node = await client.getNode({ id: name }, { signal });
    return { kind: "drained", node: node.id, name: node.name };
  }
  const service = state === "gone"
    ? await ifThere(client.getService({ name }, { signal }))
    : await client.getService({ name }, { signal });
  if (service === undefined) return undefined;
  if (state !== "rollout") return { kind: state, service: name };
  return { kind: "release", service: name, generation: awaited(service) };
}

/** Where Muster itself is back at a former generation, the one that failed was waited for. */
function awaited({ generation, rollout, by }: ServiceView): number {
  return rollout?.cause === "rollback" && rollout.to === generation && by === "muster" ? generation - 1 : generation;
}
