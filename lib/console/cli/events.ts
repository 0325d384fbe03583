/**
 * `controller events -f`: what happened in the cluster and why, oldest first. What is followed goes on by its ids when the
 * controller was away for a while, and says so when something is no longer kept.
 * @module
 */
import { number, onOff, text } from "../../runtime/flag.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import type { EventView } from "../../wire/api.ts";
import type { Client } from "../../wire/client/client.ts";
import { moment } from "../render/moment.ts";
import { paint } from "../render/paint.ts";
import { command } from "./command.ts";
import { resumed, type ResumeOptions } from "./streams/resume.ts";
import type { Screen } from "./screen.ts";

/** As many as one answer can have: what is filtered is filtered here. */
const LOOKED_AT_MAX = 1_000;

export const events = command({
  name: "events",
  summary: "what happened in the cluster, and why",
  details: "With -f a lost connection is said and taken up again behind the last event that was shown.",
  flags: {
    follow: onOff({ short: "f", help: "Go on as things happen, until Ctrl-C" }),
    tail: number({ help: "Events that come first", min: 0, max: LOOKED_AT_MAX, whole: true, default: "50" }),
    service: text({ noEnv: true, help: "Only what is about this service", placeholder: "<service>" }),
    node: text({ noEnv: true, help: "Only what is about this node, by name or id", placeholder: "<node>" }),
  },
  examples: [{ line: "controller events -f --service web", does: "what happens to web" }],
  act: async ({ client, flags: { follow, tail, service, node }, showEach, note, signal }) => {
    const id = node === undefined ? undefined : (await client.getNode({ id: node }, { signal })).id;
    const isWanted = (event: EventView) =>
      (service === undefined || event.service === service) && (id === undefined || event.node === id);
    const limit = service === undefined && id === undefined ? Math.max(1, tail) : LOOKED_AT_MAX;
    // The stream begins behind the list, so that nothing in between is missed or told twice.
    const { events, last } = await client.listEvents({ query: { limit } }, { signal });
    const show = (event: EventView) => showEach(event, (screen) => line(event, screen));
    for (const event of tail === 0 ? [] : events.filter(isWanted).slice(-tail)) await show(event);
    if (!follow) return;
    for await (const event of followed(client, last, { signal, note })) {
      if (isWanted(event)) await show(event);
    }
  },
});

async function* followed(client: Client, last: number, options: ResumeOptions): AsyncGenerator<EventView> {
  const { signal, note } = options;
  let after = last;
  let isMissed = false;
  const following = resumed({
    reach: async (times) => {
      if (times === "again") await client.listEvents({ query: { limit: 1 } }, { signal });
    },
    follow: () => client.followEvents({ after, signal, onGone: () => isMissed = true }),
  }, options);
  for await (const event of following) {
    after = event.id;
    if (isMissed) await note("Some events of the time in between are no longer kept: what follows begins later.");
    isMissed = false;
    yield event;
  }
}

function line({ time, severity, text }: EventView, screen: Screen): string {
  const told = paint(printableLine(text), severity === "warn" ? "warning" : "plain", screen);
  return `${paint(printableLine(moment(time)), "faint", screen)}  ${told}\n`;
}
