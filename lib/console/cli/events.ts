/**
 * `controller events -f`: what happened in the cluster and why, oldest first.
 * @module
 */
import { number, onOff } from "../../runtime/flag.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import type { EventView } from "../../wire/api.ts";
import { moment } from "../render/moment.ts";
import { paint } from "../render/paint.ts";
import { command } from "./command.ts";
import type { Screen } from "./screen.ts";

export const events = command({
  name: "events",
  summary: "what happened in the cluster, and why",
  flags: {
    follow: onOff({ short: "f", help: "Go on as things happen, until Ctrl-C" }),
    tail: number({ help: "Events that come first", min: 0, max: 1_000, whole: true, default: "50" }),
  },
  act: async ({ client, flags: { follow, tail }, output, out, signal }) => {
    const print = (event: EventView) => out.write(output === "json" ? `${JSON.stringify(event)}\n` : line(event, out));
    // The stream begins behind the list, so that nothing in between is missed or told twice.
    const { events, last } = await client.listEvents({ query: { limit: Math.max(1, tail) } }, { signal });
    for (const event of tail === 0 ? [] : events) await print(event);
    if (!follow) return;
    for await (const event of client.followEvents({ after: last, signal })) await print(event);
  },
});

function line({ time, severity, text }: EventView, screen: Screen): string {
  const told = paint(printableLine(text), severity === "warn" ? "warning" : "plain", screen);
  return `${paint(moment(time), "faint", screen)}  ${told}\n`;
}
