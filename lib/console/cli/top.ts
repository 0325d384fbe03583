/**
 * `controller top`: what nodes and replicas use, drawn anew each second. Elsewhere than on a terminal it is one table, as
 * with --once.
 * @module
 */
import { oneOf, onOff, text } from "../../runtime/flag.ts";
import { systemClock } from "../../runtime/clock.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { onSignals } from "../../runtime/signals.ts";
import type { NodeView } from "../../wire/api.ts";
import type { Client } from "../../wire/client/client.ts";
import { allPages } from "../../wire/client/pages.ts";
import { Unreachable } from "../../wire/client/problem_error.ts";
import type { UsageView } from "../../wire/usage.ts";
import { fullScreenOn } from "../render/full_screen.ts";
import { command } from "./command.ts";
import type { Screen } from "./screen.ts";
import { type Sort, topPage } from "./using/top_page.ts";
import { UsageHistory } from "./using/usage_history.ts";

const REDRAW_MS = 1_000;

/** What is asked for each picture. */
export interface Sample {
  usage: UsageView;
  nodes: readonly NodeView[];
}

export const top = command({
  name: "top",
  summary: "what nodes and replicas use, redrawn each second",
  details:
    "Beside what a node uses stands what is reserved there. Ctrl-C ends it and brings back what was on the screen.",
  flags: {
    sort: oneOf(["cpu", "memory", "name"], { help: "Which replicas come first", default: "cpu" }),
    once: onOff({ help: "Print one table and end" }),
    service: text({ noEnv: true, help: "Only replicas of this service", placeholder: "<service>" }),
    node: text({ noEnv: true, help: "Only this node and its replicas, by name or id", placeholder: "<node>" }),
  },
  act: async ({ client, flags: { sort, once, service, node }, output, show, out, signal }) => {
    const take = () => sample(client, { service, node, signal });
    // What can't be had at all is said as by any command, and not on a screen that vanishes.
    const first = await take();
    if (!out.live || once || output !== "table") {
      return await show(first.usage, (screen) => topPage(first, screen, { sort, history: new UsageHistory() }));
    }
    await redrawn(first, take, { out, sort, signal });
  },
});

async function sample(
  client: Client,
  { signal, ...about }: { service: string | undefined; node: string | undefined; signal: AbortSignal },
): Promise<Sample> {
  const [usage, nodes] = await Promise.all([
    client.getUsage({ query: about }, { signal }),
    allPages((query) => client.listNodes({ query }, { signal })),
  ]);
  return { usage, nodes: nodes.filter(({ id, name }) => about.node === undefined || [id, name].includes(about.node)) };
}

/** Draws until it is interrupted. A controller that goes away is said, and waited for. */
async function redrawn(
  first: Sample,
  take: () => Promise<Sample>,
  { out, sort, signal }: { out: Screen; sort: Sort; signal: AbortSignal },
): Promise<void> {
  const history = new UsageHistory();
  history.add(first.usage);
  let [seen, trouble] = [first, ""];
  await using screen = await fullScreenOn(out);
  const draw = () => screen.draw(topPage(seen, out, { sort, history, trouble }));
  // A picture that fails here fails at the next turn as well, and ends the command there.
  using _resized = onSignals(["SIGWINCH"], () => void draw().catch(() => {}));
  while (true) {
    await draw();
    await systemClock.sleep(REDRAW_MS, { signal });
    try {
      [seen, trouble] = [await take(), ""];
      history.add(seen.usage);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      trouble = printableLine(error.message);
    }
  }
}
